// Reads what was dropped or chosen: files, and folders with all that is in them.
import type { ChosenFile } from './entry.svelte'

const TYPE_OF_EXTENSION: Record<string, string> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  jpe: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  bmp: 'image/bmp',
  heic: 'image/heic',
  heif: 'image/heif',
  avif: 'image/avif',
}

/** Files that systems leave in folders, and everything hidden: nobody meant to upload those. */
export function isLeftBySystem(name: string): boolean {
  return name.startsWith('.') || /^(thumbs\.db|desktop\.ini|ehthumbs\.db|icon\r)$/i.test(name)
}

export function contentTypeOf(name: string, said: string): string {
  if (said.startsWith('image/')) return said
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase()
  return TYPE_OF_EXTENSION[extension] ?? (said || 'application/octet-stream')
}

export function chosenFile(file: File, path: string): ChosenFile {
  return { file, path, contentType: contentTypeOf(file.name, file.type) }
}

/** The files of an `<input type="file">`, whole folders included. */
export function filesOfInput(files: FileList): ChosenFile[] {
  return [...files]
    .filter((file) => !isLeftBySystem(file.name))
    .map((file) => chosenFile(file, file.webkitRelativePath || file.name))
}

/** The files of a drop. Must be called in the event itself: its items are gone afterwards. */
export function filesOfDrop(transfer: DataTransfer): Promise<ChosenFile[]> {
  const entries = [...transfer.items].flatMap((item) => {
    const entry = item.kind === 'file' ? item.webkitGetAsEntry() : null
    return entry ? [entry] : []
  })
  if (entries.length > 0) return filesOfEntries(entries)
  return Promise.resolve([...transfer.files].map((file) => chosenFile(file, file.name)))
}

async function filesOfEntries(entries: FileSystemEntry[]): Promise<ChosenFile[]> {
  const found: ChosenFile[] = []
  const waiting = [...entries]
  for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
    if (isLeftBySystem(entry.name)) continue
    const path = entry.fullPath.replace(/^\//, '')
    try {
      if (isDirectory(entry)) waiting.push(...(await childrenOf(entry)))
      else if (isFile(entry)) found.push(chosenFile(await fileOf(entry), path))
    } catch {
      found.push(unreadable(entry, path))
    }
  }
  return found
}

/** What the browser names but will not open: it is said, not passed over. */
function unreadable(entry: FileSystemEntry, path: string): ChosenFile {
  const kind = entry.isDirectory ? 'folder' : 'file'
  return { ...chosenFile(new File([], entry.name), path), problem: `This ${kind} could not be read.` }
}

const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory
const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject))
}

/** All children of a folder; browsers hand them out a hundred at a time. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const children: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (some.length === 0) return children
    children.push(...some)
  }
}
