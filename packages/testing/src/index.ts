export { at } from './at.ts'
export { Random } from './random.ts'
export { type S3Server, s3Missing, startS3 } from './s3-server.ts'
export { CALM, type Delivery, STORM, VirtualNetwork, type Weather } from './virtual-network.ts'
