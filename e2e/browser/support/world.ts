import { type Chromium, startChromium } from './chromium.ts'
import { type Product, startProduct } from './product.ts'

/** What every test uses: one product and one Chromium, started once. */
export interface World {
  readonly product: Product
  readonly chromium: Chromium
}

export async function openWorld(): Promise<World & { close(): Promise<void> }> {
  const [product, chromium] = await Promise.all([startProduct(), startChromium()])
  return {
    product,
    chromium,
    async close() {
      await chromium.close()
      await product.close()
    },
  }
}
