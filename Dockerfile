# The image of the service: node dist/cli.js as the user 1000, writing nothing but /data.
#
#   docker build -t coatcheck .
#   docker run --rm coatcheck key new
#   docker run --rm -p 127.0.0.1:3000:3000 -v coatcheck:/data --read-only -e COATCHECK_API_KEYS=app:<hash> coatcheck
#
# The Swagger UI is then on http://127.0.0.1:3000/docs, and asks for the API key. `coatcheck doctor` in the same surroundings:
# put `doctor` behind the last line.

FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./

FROM packages AS production
RUN npm ci --omit=dev

FROM packages AS build
RUN npm ci
COPY tsconfig.json tsconfig.declarations.json ./
COPY scripts ./scripts
COPY src ./src
RUN node scripts/build.mjs

FROM node:24-slim
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=production /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# Of the group 0, in which an orchestrator puts a user of its own choice.
RUN mkdir -m 0770 /data && chown 1000:0 /data
VOLUME /data

# The numbers of the image's user `node`; an orchestrator that demands a user other than root wants to see a number.
USER 1000:1000
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 COATCHECK_STORE=lmdb:/data
EXPOSE 3000

# Whether this process is alive, not whether its store is: a restart of this does not bring a store back.
HEALTHCHECK --interval=15s --timeout=3s --start-period=15s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/livez').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]

ENTRYPOINT ["node", "/app/dist/cli.js"]
CMD ["serve"]
