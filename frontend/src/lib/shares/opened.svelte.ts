// Which photo of a shared album lies open; going back closes it. It has no address of its own.
export class Opened {
  photoId = $state<string | null>(null)

  open(photoId: string): void {
    this.photoId = photoId
    history.pushState(history.state, '', window.location.href)
  }

  /** Another one in its place. */
  show(photoId: string): void {
    this.photoId = photoId
  }

  close(): void {
    if (this.photoId !== null) history.back()
  }

  /** To be called whenever the person has gone back. */
  wentBack(): void {
    this.photoId = null
  }
}
