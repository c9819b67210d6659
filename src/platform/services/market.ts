/** Service `market`: batches, sales and what was taken off sale (COLD-01, COLD-02). Who bought of a batch is asked by an official: `ankang county recall`. */
import type { Service } from './_service.js';

export default { keeps: ['market-batch', 'market-sale', 'market-count', 'market-closed'], operations: {} } satisfies Service;
