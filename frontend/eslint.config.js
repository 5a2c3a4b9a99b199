// Rules for the web app's code; formatting is prettier's.
import js from '@eslint/js'
import prettier from 'eslint-config-prettier'
import svelte from 'eslint-plugin-svelte'
import globals from 'globals'
import ts from 'typescript-eslint'

import svelteConfig from './svelte.config.js'

export default ts.config(
  { ignores: ['dist/', 'public/', 'src/lib/api/schema.d.ts'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  prettier,
  ...svelte.configs.prettier,
  { languageOptions: { globals: globals.browser } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
    rules: {
      // SvelteKit's `resolve()` doesn't exist here; src/lib/router.svelte.ts takes plain links.
      'svelte/no-navigation-without-resolve': 'off',
      // Sets and maps that live for one call need no reactivity.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  { rules: { 'no-undef': 'off', eqeqeq: 'error', 'no-eval': 'error', 'no-implied-eval': 'error' } },
)
