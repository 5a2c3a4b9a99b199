// Starts Swagger UI on our own OpenAPI document; a file of its own because the content security policy allows no inline script.
const dark = window.matchMedia('(prefers-color-scheme: dark)')
const followSystem = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
followSystem()
dark.addEventListener('change', followSystem)

const explorer = window.SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#explorer',
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: 'list',
  filter: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  // Swagger UI would otherwise ask validator.swagger.io about the document.
  validatorUrl: null,
})

// `tokens` asks for no client, so the Authorize dialog needs only the e-mail address and the password.
explorer.initOAuth({ appName: 'Heliograph', clientId: 'docs-explorer' })
