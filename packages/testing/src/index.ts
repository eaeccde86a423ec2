export { at } from './at.ts'
export { Random } from './random.ts'
export { CALM, type Delivery, STORM, VirtualNetwork, type Weather } from './virtual-network.ts'
