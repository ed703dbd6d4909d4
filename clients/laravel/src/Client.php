<?php

namespace Coatcheck\Laravel;

/**
 * Calls to Coatcheck. A call ends by its deadline. What had no answer is repeated until then, under an Idempotency-Key, so that
 * nothing is done twice. An answer counts only if it says by Coatcheck-Version that it is of Coatcheck.
 */
class Client
{
    /** An answer that is longer is none of the service's: it would fill the memory. In bytes. */
    private const MOST_BYTES = 64 * 2 ** 20;
    /** The service sends a comment every 15 s: a stream that is silent for longer than two of them is dead. */
    private const SILENT_SECONDS = 40;

    private ?\CurlHandle $line = null;

    /** `seconds` is what a call takes at most, its repeats included. */
    public function __construct(
        private string $url,
        #[\SensitiveParameter] private string $key,
        private float $seconds = 3,
        private ?string $caFile = null,
    ) {
        $this->url = rtrim($url, '/');
        if (! in_array(parse_url($this->url, PHP_URL_SCHEME), ['http', 'https'], true)) {
            throw new \InvalidArgumentException('The url is no URL of a service: it looks like http://127.0.0.1:3000.');
        }
    }

    /** A session with `settings`, `subject`, `revision`, `etag`. */
    public function view(string $id): array
    {
        return $this->call('GET', "/v1/sessions/$id", 200);
    }

    /** Begins a session: `id`, `settings`, `subject`, `idleTimeoutSeconds`, whichever are there. */
    public function create(array $members): array
    {
        if (isset($members['settings'])) {
            $members['settings'] = (object) $members['settings'];
        }
        return $this->call('POST', '/v1/sessions', 201, (object) $members);
    }

    /** Puts some keys and leaves the others; null removes one. */
    public function patch(string $id, array $changes): void
    {
        $this->call('PATCH', "/v1/sessions/$id/settings", [201, 204], (object) $changes);
    }

    /** Does the operations of a JSON Patch (RFC 6902), all or none. */
    public function apply(string $id, array $operations, ?string $ifMatch = null): void
    {
        $headers = ['Content-Type: application/json-patch+json', ...($ifMatch === null ? [] : ["If-Match: $ifMatch"])];
        $this->call('PATCH', "/v1/sessions/$id/settings", [201, 204], $operations, $headers);
    }

    public function increment(string $id, string $name, int|float $by = 1): int|float
    {
        return $this->call('POST', "/v1/sessions/$id/increment", 200, ['key' => $name, 'by' => $by])['value'];
    }

    /** Reads a value and removes it: one caller gets it, all others null. */
    public function take(string $id, string $name): mixed
    {
        try {
            return $this->call('POST', "/v1/sessions/$id/take", 200, ['key' => $name])['value'];
        } catch (CoatcheckError $error) {
            if (! in_array($error->reply, ['key_not_found', 'session_not_found'], true)) {
                throw $error;
            }
            return null;
        }
    }

    /** A token for a page: `scope` as "read write", and the keys that it may read and write. */
    public function token(string $id, string $scope, array $read, array $write): string
    {
        $asked = ['scope' => $scope, 'keys' => ['read' => $read, 'write' => $write]];
        return $this->call('POST', "/v1/sessions/$id/tokens", 201, $asked)['access_token'];
    }

    /** Moves the session to a new id, and binds it to the subject if one is given. */
    public function rotate(string $id, ?string $subject = null, ?int $idleTimeoutSeconds = null): array
    {
        $asked = array_filter(['subject' => $subject, 'idleTimeoutSeconds' => $idleTimeoutSeconds], fn ($one) => $one !== null);
        return $this->call('POST', "/v1/sessions/$id/rotate", 201, (object) $asked);
    }

    /** A one-time code that carries a login to the visitor's browser, from where no cookie can be set. */
    public function handoff(string $id, string $subject, mixed $payload = null): string
    {
        $asked = ['subject' => $subject, 'payload' => $payload];
        return $this->call('POST', "/v1/sessions/$id/handoffs", 201, $asked)['code'];
    }

    /**
     * Redeems it with the id in the visitor's own cookie: `session` has the new id, `payload` is what came along. Null for a
     * code that was used, is too old, is for another visitor, or is none.
     */
    public function redeem(string $code, string $id): ?array
    {
        try {
            return $this->call('POST', '/v1/handoffs/redeem', 200, ['code' => $code, 'sessionId' => $id]);
        } catch (CoatcheckError $error) {
            if (! in_array($error->status, [400, 410], true)) {
                throw $error;
            }
            return null;
        }
    }

    public function end(string $id): void
    {
        $this->call('DELETE', "/v1/sessions/$id", 204);
    }

    /** Ends every session of the user, and answers how many. */
    public function endSubject(string $subject): int
    {
        return $this->call('DELETE', '/v1/subjects/'.rawurlencode($subject).'/sessions', 200)['ended'];
    }

    public function batch(array $ids): array
    {
        return $this->call('POST', '/v1/sessions/batch', 200, ['ids' => $ids]);
    }

    /**
     * Calls `$heard($name, $data)` with each event of the namespace, until the line breaks or it answers false. Answers how long
     * to wait before the next call, in seconds.
     */
    public function events(callable $heard): float
    {
        $reader = new EventReader($heard);
        $isOurs = false;
        $line = curl_init($this->url.'/v1/events');
        curl_setopt_array($line, $this->trust() + [
            CURLOPT_HTTPHEADER => ['Accept: text/event-stream', "Authorization: Bearer $this->key"],
            CURLOPT_CONNECTTIMEOUT => 3,
            CURLOPT_LOW_SPEED_LIMIT => 1,
            CURLOPT_LOW_SPEED_TIME => self::SILENT_SECONDS,
            CURLOPT_HEADERFUNCTION => function ($line, string $header) use (&$isOurs): int {
                $isOurs = $isOurs || preg_match('/^coatcheck-version: *1\s*$/i', $header);
                return strlen($header);
            },
            CURLOPT_WRITEFUNCTION => function ($line, string $piece) use ($reader, &$isOurs): int {
                $isStream = $isOurs && curl_getinfo($line, CURLINFO_RESPONSE_CODE) === 200;
                return $isStream && $reader->take($piece) ? strlen($piece) : 0;
            },
        ]);
        curl_exec($line);
        if ($isOurs && in_array(curl_getinfo($line, CURLINFO_RESPONSE_CODE), [401, 403], true)) {
            throw new CoatcheckError('invalid_credential', 'The API key needs the permission events.', 401);
        }
        return max($reader->retrySeconds, 1.0);
    }

    /** Repeats what had no answer, or was told to wait, until the time is over. */
    private function call(string $method, string $path, int|array $gives, mixed $body = null, array $headers = []): array
    {
        $isTyped = $headers !== [];
        array_push($headers, "Authorization: Bearer $this->key", 'Accept: application/json', 'Expect:');
        if ($body !== null && ! $isTyped) {
            $headers[] = 'Content-Type: application/json';
        }
        if ($method !== 'GET') {
            $headers[] = 'Idempotency-Key: '.bin2hex(random_bytes(16));
        }
        $text = $body === null ? null : json_encode($body, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
        $ends = microtime(true) + $this->seconds;
        for ($pause = 0.1; ; $pause *= 2) {
            try {
                return $this->send($method, $path, (array) $gives, $headers, $text, max($ends - microtime(true), 0.05));
            } catch (CoatcheckError $error) {
                $wait = max($error->retryAfter, $pause * (0.5 + lcg_value() / 2));
                if (! $error->isAway() || microtime(true) + $wait >= $ends) {
                    throw $error;
                }
                usleep((int) ($wait * 1e6));
            }
        }
    }

    private function send(string $method, string $path, array $gives, array $headers, ?string $body, float $seconds): array
    {
        $this->line ??= curl_init();
        $answered = [];
        $text = '';
        curl_reset($this->line);
        curl_setopt_array($this->line, $this->trust() + [
            CURLOPT_URL => $this->url.$path,
            CURLOPT_CUSTOMREQUEST => $method,
            CURLOPT_HTTPHEADER => $headers,
            CURLOPT_CONNECTTIMEOUT_MS => (int) (min($seconds, 1) * 1000),
            CURLOPT_TIMEOUT_MS => (int) ($seconds * 1000),
            CURLOPT_NOSIGNAL => true,
            CURLOPT_HEADERFUNCTION => function ($line, string $header) use (&$answered): int {
                [$name, $value] = array_pad(explode(':', $header, 2), 2, '');
                $answered[strtolower($name)] = trim($value);
                return strlen($header);
            },
            CURLOPT_WRITEFUNCTION => function ($line, string $piece) use (&$text): int {
                $text .= $piece;
                return strlen($text) > self::MOST_BYTES ? 0 : strlen($piece);
            },
        ] + ($body === null ? [] : [CURLOPT_POSTFIELDS => $body]));
        if (curl_exec($this->line) === false) {
            throw new CoatcheckError('unreachable', 'Coatcheck does not answer: '.curl_error($this->line));
        }
        $status = curl_getinfo($this->line, CURLINFO_RESPONSE_CODE);
        // What has no such header is another's answer, such as the page of a proxy, whatever its status.
        $isOurs = ($answered['coatcheck-version'] ?? '') === '1';
        $answer = $isOurs ? json_decode($text, true) : null;
        if ($isOurs && in_array($status, $gives, true)) {
            $isRight = in_array(200, $gives, true) || $gives === [201] ? is_array($answer) : $text === '';
            return $isRight ? (array) $answer : throw new CoatcheckError('unreachable', 'The answer is none of this call.');
        }
        throw $this->refusal($status, is_array($answer) && is_string($answer['code'] ?? null) ? $answer : [], $answered);
    }

    private function refusal(int $status, array $problem, array $answered): CoatcheckError
    {
        $endedAt = isset($problem['endedAt']) ? strtotime((string) $problem['endedAt']) : false;
        return new CoatcheckError(
            $problem['code'] ?? 'unreachable',
            (string) ($problem['detail'] ?? "What answered $status is not Coatcheck."),
            $problem === [] ? 0 : $status,
            isset($problem['reason']) ? (string) $problem['reason'] : null,
            $endedAt === false ? 0 : (strtotime($answered['date'] ?? 'now') ?: time()) - $endedAt,
            (float) ($answered['retry-after'] ?? 0),
        );
    }

    /** No redirect, no proxy of the environment, no other protocol: a credential goes to the service that was named. */
    private function trust(): array
    {
        return [
            CURLOPT_PROXY => '',
            CURLOPT_FOLLOWLOCATION => false,
            CURLOPT_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS,
        ] + ($this->caFile === null ? [] : [CURLOPT_CAINFO => $this->caFile]);
    }
}
