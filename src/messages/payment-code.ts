/** What payment codes look like: their issuers publish no more than that. Pure. */

const PAYMENT = [
  /^1[0-5]\d{16}$/, // WeChat
  /^(2[5-9]|30)\d{14,22}$/, // Alipay
  /^62\d{17}$/, // UnionPay
];

/** Does the text look like a payment code? */
export function isPaymentCode(text: string): boolean {
  return PAYMENT.some((pattern) => pattern.test(text));
}
