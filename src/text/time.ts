import { formatDuration } from './duration.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A moment to come, for people and in their own time zone: "23 Nov 2026 12:04 (in 24 h)". */
export function formatMoment(moment: Date, now: Date): string {
  return `${formatClock(moment)} (in ${formatDuration(moment.getTime() - now.getTime())})`
}

/** What a clock and a calendar show, in the user's time zone: "23 Nov 2026 12:04". */
export function formatClock(moment: Date): string {
  // Not Intl: loading its data takes longer than storing the values.
  const twoDigits = (number: number): string => String(number).padStart(2, '0')
  const day = `${moment.getDate()} ${MONTHS[moment.getMonth()]} ${moment.getFullYear()}`
  return `${day} ${twoDigits(moment.getHours())}:${twoDigits(moment.getMinutes())}`
}
