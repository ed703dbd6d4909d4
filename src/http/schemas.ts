/** The bricks that the routes' schemas are made of, by theme. What is peculiar to a call is written down in its route. */
export * from './schemas/answers.ts'
export * from './schemas/bricks.ts'
export * from './schemas/parameters.ts'
export * from './schemas/problem.ts'
export * from './schemas/session.ts'
