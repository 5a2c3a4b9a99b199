// A menu below its button closes by Escape and by whatever is pressed or focused outside of it.
import type { Attachment } from 'svelte/attachments'
import { on } from 'svelte/events'

/** For the element that holds both the menu and, as its first button, the one that opens it. */
export function dismissable(isOpen: () => boolean, close: () => void): Attachment<HTMLElement> {
  return (element) => {
    const outside = (event: Event) => {
      if (isOpen() && event.target instanceof Node && !element.contains(event.target)) close()
    }
    const escape = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || !isOpen()) return
      event.stopPropagation()
      close()
      element.querySelector('button')?.focus()
    }
    const listening = [
      on(window, 'pointerdown', outside),
      on(window, 'focusin', outside),
      on(element, 'keydown', escape),
    ]
    return () => listening.forEach((stop) => stop())
  }
}
