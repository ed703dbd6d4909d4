<?php

namespace Coatcheck\Laravel;

/** What was refused, by its `reply`; or that the service gave no answer: `unreachable`. */
class CoatcheckError extends \RuntimeException
{
    /** For so long after a login the answer with the new cookie may be on its way to the browser. In seconds. */
    private const LOGIN_SECONDS = 10;

    public function __construct(
        public readonly string $reply,
        string $detail,
        public readonly int $status = 0,
        public readonly ?string $reason = null,
        public readonly int $endedSecondsAgo = 0,
        public readonly float $retryAfter = 0,
    ) {
        parent::__construct("$detail ($reply)");
    }

    /** The session was deleted, rotated or revoked: `reason`. */
    public function isGone(): bool
    {
        return $this->reply === 'session_gone';
    }

    /** A login in another tab has just moved the session. */
    public function isMoving(): bool
    {
        return $this->isGone() && $this->reason === 'rotated' && $this->endedSecondsAgo < self::LOGIN_SECONDS;
    }

    /** Nobody has written it, or its time was over. */
    public function isMissing(): bool
    {
        return $this->reply === 'session_not_found';
    }

    /** The service or its store is away, or has too much to do. Nobody is logged out by that. */
    public function isAway(): bool
    {
        return in_array($this->status, [0, 429, 503], true);
    }

    /** What Laravel answers where nobody has caught it; false leaves it to Laravel. */
    public function render(): mixed
    {
        return $this->isAway() ? Pages::away($this->retryAfter) : false;
    }
}
