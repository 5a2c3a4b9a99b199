// Where the app starts: theme first (so that nothing flashes), then the root component.
import { mount } from 'svelte'

import App from './App.svelte'
import './styles/tokens.css'
import './styles/base.css'
import { theme } from './lib/ui/theme.svelte'

theme.apply()

const target = document.getElementById('app')
if (!target) throw new Error('index.html has no #app')
mount(App, { target })
