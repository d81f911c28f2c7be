import { parentPort, workerData } from 'node:worker_threads'
import { declareOwnTypes } from './own-types.ts'

// Nodes are programs: a thread of their own keeps what they do while they are loaded away from who asks for their types.

parentPort?.postMessage(await declareOwnTypes(String(workerData)))
