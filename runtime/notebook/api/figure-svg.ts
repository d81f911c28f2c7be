import { type Html, html } from '../../run/report/html.ts'

export const figureSvg = (data: unknown, layout: unknown, label: string): Html => html``
