// Where the app starts: theme first (so that nothing flashes), then the root component.
import { mount } from 'svelte'

import App from './App.svelte'
import './styles/tokens.css'
import './styles/base.css'
import { theme } from './lib/ui/theme.svelte'

theme.apply()

// After an update the server no longer has the old build's files: take the new build, but never over and over.
const RELOADED = 'heliograph.reloaded'
window.addEventListener('vite:preloadError', (event) => {
  const last = Number(sessionStorage.getItem(RELOADED) ?? 0)
  if (Date.now() - last < 10_000) return
  event.preventDefault()
  sessionStorage.setItem(RELOADED, String(Date.now()))
  window.location.reload()
})

const target = document.getElementById('app')
if (!target) throw new Error('index.html has no #app')
mount(App, { target })
