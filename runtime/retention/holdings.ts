/** A run's folder. */
export interface StoredRun {
  readonly id: string
  readonly flow: string
  /** As its record says; undefined where it has none. */
  readonly status: string | undefined
  /** When it was last written, in ms since 1970. */
  readonly writtenAt: number
  readonly bytes: number
  /** Of the results of its steps. */
  readonly keys: readonly string[]
}

/** A step's result. */
export interface StoredArtifact {
  readonly key: string
  /** When it was made or last found, in ms since 1970. */
  readonly usedAt: number
  readonly bytes: number
  /** The versions of models that the step stored, as `churn@3`. */
  readonly models: readonly string[]
}

/** A notebook that a step has run, with its report; `stem` is relative to `.polku/notebooks`, without an ending. */
export interface StoredNotebook {
  readonly stem: string
  readonly writtenAt: number
  readonly bytes: number
}

/** What lies in a workspace's `.polku` and could be cleaned. */
export interface Holdings {
  readonly runs: readonly StoredRun[]
  readonly artifacts: readonly StoredArtifact[]
  readonly notebooks: readonly StoredNotebook[]
}

/** What must stay, whatever its age. */
export interface Needed {
  /** Runs that go on or shall go on, and those on whose reports approvals rest. */
  readonly runs: ReadonlySet<string>
  readonly artifacts: ReadonlySet<string>
  readonly notebooks: ReadonlySet<string>
  /** The run that began each run which another one began. */
  readonly parents: ReadonlyMap<string, string>
  /** Results found at or after this time may be in use, in ms since 1970; the second is of results that no run has. */
  readonly usedSince: number
  readonly usedSinceWithoutRun: number
}

export interface RetentionLimits {
  readonly days?: number
  readonly gigabytes?: number
}

/** What is to go. */
export interface Cleaning {
  readonly runs: readonly StoredRun[]
  readonly artifacts: readonly StoredArtifact[]
  readonly notebooks: readonly StoredNotebook[]
  readonly bytes: number
}
