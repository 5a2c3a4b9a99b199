// Light, dark or as the system says; kept across visits.
export type Theme = 'auto' | 'light' | 'dark'

const KEY = 'heliograph.theme'

class ThemeChoice {
  value = $state<Theme>('auto')

  constructor() {
    const kept = localStorage.getItem(KEY)
    if (kept === 'light' || kept === 'dark') this.value = kept
  }

  choose(theme: Theme): void {
    this.value = theme
    localStorage.setItem(KEY, theme)
    this.apply()
  }

  apply(): void {
    if (this.value === 'auto') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = this.value
  }
}

export const theme = new ThemeChoice()
