// Questions and answers over HTTP. A key with each thing that is said: sent again with the same one, it is said once.
import { answer, api } from '../api/client'
import type { Answer, Answered, AnsweredPage, Question, QuestionPage } from '../api/types'

const QUESTIONS = 10
const ANSWERS = 20

export function askQuestions(): Promise<QuestionPage> {
  return answer(api.GET('/api/v1/questions', { params: { query: { limit: QUESTIONS } } }))
}

const said = ({ question_id }: Question, key: string) => ({
  params: { path: { question_id }, header: { 'idempotency-key': key } },
})

export function sendAnswer(question: Question, what: Answer, key: string): Promise<Answered> {
  const shown = question.shown.map((photo) => photo.photo_id)
  const items = question.items.map((item) => item.key)
  const body = { answer: what, shown, ...(items.length > 0 ? { items } : {}) }
  return answer(api.POST('/api/v1/questions/{question_id}/answer', { ...said(question, key), body }))
}

export function sendSkip(question: Question, key: string): Promise<Answered> {
  return answer(api.POST('/api/v1/questions/{question_id}/skip', said(question, key)))
}

export function sendNever(question: Question, key: string): Promise<Answered> {
  return answer(api.POST('/api/v1/questions/{question_id}/never', said(question, key)))
}

export function answersPage(cursor: string | undefined): Promise<AnsweredPage> {
  const query = { limit: ANSWERS, ...(cursor ? { cursor } : {}) }
  return answer(api.GET('/api/v1/answers', { params: { query } }))
}

export function oneAnswer(answer_id: string): Promise<Answered> {
  return answer(api.GET('/api/v1/answers/{answer_id}', { params: { path: { answer_id } } }))
}

export function undoAnswer(answer_id: string): Promise<Answered> {
  const header = { 'idempotency-key': crypto.randomUUID() }
  return answer(api.POST('/api/v1/answers/{answer_id}/undo', { params: { path: { answer_id }, header } }))
}
