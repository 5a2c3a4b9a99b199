// Starts Swagger UI on our own OpenAPI document; a file of its own because the content security policy allows no inline script.
// In the app's theme, where the person chose one there.
const chosen = localStorage.getItem('heliograph.theme')
const dark = window.matchMedia('(prefers-color-scheme: dark)')
const paint = () =>
  document.documentElement.classList.toggle('dark-mode', chosen ? chosen === 'dark' : dark.matches)
paint()
dark.addEventListener('change', paint)

const explorer = window.SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#explorer',
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: 'list',
  filter: true,
  // It would keep the password itself in localStorage.
  persistAuthorization: false,
  tryItOutEnabled: true,
  // Swagger UI would otherwise ask validator.swagger.io about the document.
  validatorUrl: null,
})

// `tokens` asks for no client, so the Authorize dialog needs only the e-mail address and the password.
explorer.initOAuth({ appName: 'Heliograph', clientId: 'docs-explorer' })
