import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ModelContent } from '../../nodes/node.ts'
import { createExclusively, list, readIfThere, readJson } from '../data/files.ts'
import { canonical, hashText } from '../data/hash.ts'
import { removeStaleTemporary, temporaryPath } from '../data/stale-temporary.ts'
import { PolkuError } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'
import { isSystemError } from '../errors/system-error.ts'
import { type Approval, type EvidenceLook, hashOf, lapses, type Retirement } from './approval.ts'
import { currentPublisher, type Publisher } from './publisher.ts'

export interface StoredModel extends ModelContent {
  readonly name: string
  readonly version: number
  /** Of the content: equal content is the same version. */
  readonly hash: string
}

/** An approval and why it no longer holds; it holds where there is no reason. */
export interface JudgedApproval extends Approval {
  readonly lapsed: readonly string[]
}

/** The models of a workspace: `models/NAME/VERSION/model.json`, never changed once there, who made it beside it, and `models/NAME/stages/000001.json`, who approved or retired what. */
export class ModelRegistry {
  readonly #folder: string
  readonly #look: EvidenceLook
  /**
   * @param hashBytes hash of a file's bytes; one with a memory spares reading large data again.
   * @param mayRead which files may be looked at as evidence; the others count as gone.
   */
  constructor(folder: string, hashBytes = hashOf, mayRead: EvidenceLook['mayRead'] = () => true) {
    this.#folder = folder
    this.#look = { hashBytes, mayRead }
  }

  get names(): string[] {
    return list(this.#folder).filter((name) => this.versions(name).length > 0)
  }

  versions(name: string): number[] {
    return list(join(this.#folder, name))
      .filter((entry) => /^\d+$/.test(entry))
      .map(Number)
      .sort((left, right) => left - right)
  }

  /** Stores content as the next version; equal content gives the version that is there. */
  publish(name: string, content: ModelContent): { version: number; hash: string } {
    const hash = hashText(canonical(content)).slice(0, 32)
    removeStaleTemporary(join(this.#folder, name))
    for (;;) {
      const versions = this.versions(name)
      const same = versions.find((version) => this.#file(name, version)?.hash === hash)
      if (same !== undefined) return { version: same, hash }
      const version = (versions.at(-1) ?? 0) + 1
      if (this.#create({ name, version, hash, ...content })) return { version, hash }
    }
  }

  /** A folder is made whole beside its place and renamed onto it, which fails where another process was first. */
  #create(model: StoredModel): boolean {
    const target = join(this.#folder, model.name, String(model.version))
    const temporary = temporaryPath(join(this.#folder, model.name), 'version')
    mkdirSync(temporary)
    try {
      writeFileSync(join(temporary, 'model.json'), JSON.stringify(model, null, 1))
      writeFileSync(join(temporary, 'published.json'), JSON.stringify(currentPublisher(), null, 1))
      renameSync(temporary, target)
      return true
    } catch (error) {
      if (isSystemError(error, 'ENOTEMPTY', 'EEXIST')) return false
      throw error
    } finally {
      rmSync(temporary, { recursive: true, force: true })
    }
  }

  #file(name: string, version: number): StoredModel | undefined {
    return readIfThere<StoredModel>(join(this.#folder, name, String(version), 'model.json'))
  }

  #read(name: string, version: number): StoredModel {
    const model = this.#file(name, version)
    if (!model)
      throw new PolkuError('MODEL_DAMAGED', {
        model: `${name}@${version}`,
        reason: 'model.json is missing or not JSON',
      })
    return model
  }

  /** Who made a version; undefined where it is not told. */
  publisher(name: string, version: number): Publisher | undefined {
    return readIfThere<Publisher>(join(this.#folder, name, String(version), 'published.json'))
  }

  /** The number that `NAME@3`, `NAME@draft` (the newest) or `NAME@approved` stands for. Throws MODEL_UNKNOWN, MODEL_NOT_APPROVED, MODEL_APPROVAL_LAPSED. */
  resolve(reference: string): { name: string; version: number } {
    const [name = '', stage = ''] = reference.split('@')
    const versions = this.versions(name)
    const newest = versions.at(-1)
    if (newest === undefined)
      throw new PolkuError('MODEL_UNKNOWN', { model: name, actual: name, nearest: nearest(name, this.names, 'model') })
    if (stage === 'draft') return { name, version: newest }
    if (stage === 'approved') return { name, version: this.#approved(name) }
    const version = Number(stage)
    if (!versions.includes(version))
      throw new PolkuError('MODEL_UNKNOWN', {
        model: reference,
        actual: stage,
        nearest: `Versions: ${versions.join(', ')}.`,
      })
    return { name, version }
  }

  load(reference: string): StoredModel {
    const { name, version } = this.resolve(reference)
    const model = this.#read(name, version)
    const { name: _name, version: _version, hash, ...content } = model
    if (hashText(canonical(content)).slice(0, 32) !== hash)
      throw new PolkuError('MODEL_DAMAGED', {
        model: `${name}@${version}`,
        reason: 'its content is not what was stored',
      })
    return model
  }

  stages(name: string): (Approval | Retirement)[] {
    const folder = join(this.#folder, name, 'stages')
    return list(folder)
      .filter((file) => /^\d{6}\.json$/.test(file))
      .map((file) => readJson<Approval | Retirement>(join(folder, file)))
  }

  /** The approvals of a version that nobody has taken back, oldest first, each with why it no longer holds. */
  approvals(name: string, version: number): JudgedApproval[] {
    const events = this.stages(name).filter((event) => event.version === version)
    const standing = events.slice(events.findLastIndex((event) => event.stage === 'retired') + 1)
    const hash = this.#file(name, version)?.hash
    return standing
      .filter((event) => event.stage === 'approved')
      .map((event) => ({ ...event, lapsed: lapses(event, hash, this.#folder, this.#look) }))
  }

  /** The version that was approved last. Where its approval lapsed, no older one takes its place unseen. */
  #approved(name: string): number {
    const standing = this.stages(name).findLast((event) => this.#stands(name, event))
    if (!standing) throw new PolkuError('MODEL_NOT_APPROVED', { model: name })
    const approvals = this.approvals(name, standing.version)
    if (approvals.some(({ lapsed }) => lapsed.length === 0)) return standing.version
    throw new PolkuError('MODEL_APPROVAL_LAPSED', {
      model: `${name}@${standing.version}`,
      name,
      by: standing.by,
      reason: approvals.at(-1)?.lapsed.join('; '),
    })
  }

  #stands(name: string, { version, stage }: Approval | Retirement): boolean {
    const last = this.stages(name).findLast((event) => event.version === version)
    return stage === 'approved' && last?.stage === 'approved'
  }

  setStage(name: string, event: Approval | Retirement): void {
    this.resolve(`${name}@${event.version}`)
    const folder = join(this.#folder, name, 'stages')
    removeStaleTemporary(folder)
    for (;;) {
      const next = this.stages(name).length + 1
      if (
        createExclusively(join(folder, `${String(next).padStart(6, '0')}.json`), JSON.stringify(event, null, 2), folder)
      )
        return
    }
  }
}
