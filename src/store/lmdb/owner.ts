/**
 * One process per folder. Each process that opens the folder listens in it on a Unix socket with a name of its own, which
 * is never used again. The database holds the name of the owner's socket.
 *
 * A process that wants the folder connects to the owner's socket. If the connection is taken, the folder is in use. If it
 * is refused, the owner is dead: a killed process leaves its socket file behind, but does not listen. The process then
 * replaces the owner's name by its own, in a transaction that checks that the old name is still there. If several
 * processes find the same dead owner, one of them succeeds, and the others find that one alive.
 *
 * The kernel takes the connection also for a process that is stopped or busy. This works across containers that share the
 * folder on one kernel, but not across machines: keep the folder on a local disk.
 */
import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, existsSync, openSync, readdirSync, unlinkSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join, relative } from 'node:path'

/** Where the owner's name is kept. `replace` answers false if it is no longer `from`, and then does nothing. */
export type OwnerRecord = {
  read(): string | null
  replace(from: string | null, to: string): Promise<boolean>
}

export type Claim = {
  /** Makes this process the owner. Rejects if another one is. */
  confirm(record: OwnerRecord): Promise<void>
  release(): Promise<void>
}

const SOCKET = /^owner\.(\d+)\.[0-9a-f]{16}$/

/** Whether a file of the folder is a socket of this kind, of a process that lives or not. */
export const isOwnerSocket = (name: string): boolean => SOCKET.test(name)
/** The longest address of a socket on every platform, in bytes. */
const MAX_PATH_BYTES = 100
const KNOCK_MS = 1000

/** The folders that this process has open: LMDB must not open one twice. */
const claimed = new Set<string>()

/** `folder` is an absolute path without links. Rejects with an Error for the operator if the folder is in use. */
export const claimFolder = async (folder: string): Promise<Claim> => {
  if (claimed.has(folder))
    throw new Error(`The folder ${folder} is open in this process already. Close that store first.`)
  const door = openDoor(folder)
  claimed.add(folder)
  const name = `owner.${process.pid}.${randomBytes(8).toString('hex')}`
  const dead: string[] = []
  let server: Server | null = null

  const release = async (): Promise<void> => {
    if (server !== null) await new Promise((resolve) => server?.close(resolve))
    door.close()
    claimed.delete(folder)
  }

  const refuseIfAlive = async (other: string): Promise<void> => {
    if (await isAlive(door.address(other))) throw inUse(folder, other)
    dead.push(other)
  }

  try {
    // An owner that is stopped in the middle of a transaction would block LMDB here, too: connect before opening.
    for (const other of readdirSync(folder).filter((entry) => SOCKET.test(entry))) await refuseIfAlive(other)
    server = await listen(door.address(name), folder)
    chmodSync(join(folder, name), 0o600)
  } catch (error) {
    await release()
    throw error
  }

  return {
    confirm: async (record) => {
      for (;;) {
        const owner = record.read()
        if (owner !== null) await refuseIfAlive(owner)
        if (await record.replace(owner, name)) break
      }
      // Another process may have connected before this one listened, taken it for dead, and removed its socket.
      if (!existsSync(join(folder, name)))
        throw new Error(`The folder ${folder} was opened by another process. Try again.`)
      for (const other of dead) removeIfThere(join(folder, other))
    },
    release,
  }
}

/** The pid of the process that has the folder open, as that process sees itself; undefined if none has. */
export const findOwner = async (folder: string): Promise<number | undefined> => {
  const door = openDoor(folder)
  try {
    for (const name of readdirSync(folder).filter((entry) => SOCKET.test(entry))) {
      if (await isAlive(door.address(name))) return Number(SOCKET.exec(name)?.[1])
    }
    return undefined
  } finally {
    door.close()
  }
}

const inUse = (folder: string, name: string): Error => {
  const pid = SOCKET.exec(name)?.[1]
  return new Error(
    `The folder ${folder} is in use by another process (pid ${pid}, as that one sees itself). An LMDB store is for one ` +
      'process: stop the other one, give this one a folder of its own, or use a Redis store for several.',
  )
}

/** Whether a process listens. It counts as alive unless the kernel says that none does. */
const isAlive = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ path: address })
    const answer = (alive: boolean): void => {
      socket.destroy()
      resolve(alive)
    }
    socket.setTimeout(KNOCK_MS, () => answer(true))
    socket.once('connect', () => answer(true))
    socket.once('error', ({ code }: NodeJS.ErrnoException) => answer(code !== 'ECONNREFUSED' && code !== 'ENOENT'))
  })

const listen = (address: string, folder: string): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.unref()
    // The listener stays: a later error, such as no descriptors left for a connection, must not end the process.
    server.on('error', (cause) =>
      reject(
        new Error(
          `The folder ${folder} can't hold the socket that marks it as in use (${cause.message}). It must be writable, and ` +
            'on a local disk: not a network drive, nor a folder that is shared with a virtual machine.',
          { cause },
        ),
      ),
    )
    server.listen({ path: address, exclusive: true }, () => resolve(server))
  })

type Door = { address(name: string): string; close(): void }

/** Addresses of sockets are short: on Linux the folder's descriptor stands for its path, elsewhere the shorter of two paths. */
const openDoor = (folder: string): Door => {
  if (process.platform === 'linux') {
    const fd = openSync(folder, 'r')
    return { address: (name) => `/proc/self/fd/${fd}/${name}`, close: () => closeSync(fd) }
  }
  return {
    address: (name) => {
      const paths = [join(folder, name), relative('.', join(folder, name))]
      const path = paths.find((path) => Buffer.byteLength(path) <= MAX_PATH_BYTES)
      if (path === undefined) throw new Error(`The path of the folder ${folder} is too long for a socket in it.`)
      return path
    },
    close: () => {},
  }
}

const removeIfThere = (file: string): void => {
  try {
    unlinkSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
