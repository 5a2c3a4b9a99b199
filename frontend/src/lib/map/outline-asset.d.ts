// What vite/world-outline.ts makes.
declare module 'virtual:world-outline' {
  const address: string
  export default address
}
