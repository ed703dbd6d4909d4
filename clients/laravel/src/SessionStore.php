<?php

namespace Coatcheck\Laravel;

use Illuminate\Session\NullSessionHandler;
use Illuminate\Session\Store;
use Illuminate\Support\MessageBag;
use Illuminate\Support\Str;
use Illuminate\Support\ViewErrorBag;

/**
 * The session of Laravel, kept in Coatcheck.
 *
 * ## Storage
 *
 * Each key of the session is a key of the settings under the session's UUID, as JSON: what is no array, number, text, true, false
 * or null comes back as json_encode makes it; errors of validation come back as they were. The cookie holds the UUID, which
 * Laravel encrypts. The service keeps 64 KiB and 256 keys a session by default.
 */
class SessionStore extends Store
{
    private const UUID = '/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/';

    /** What the service keeps; null where it keeps nothing yet. */
    private ?Kept $kept = null;
    /** Whether the id came from the visitor's cookie. */
    private bool $isGiven = false;

    /** `$subject` is asked of the session's data whom it is bound to, null for nobody; `$idleSeconds` after its last use it ends. */
    public function __construct(string $name, private Client $client, private int $idleSeconds, private \Closure $subject)
    {
        parent::__construct($name, new NullSessionHandler);
    }

    public function setId($id): void
    {
        $this->isGiven = $this->isValidId($id);
        parent::setId($id);
    }

    public function isValidId($id): bool
    {
        return is_string($id) && preg_match(self::UUID, $id) === 1;
    }

    protected function generateSessionId(): string
    {
        return (string) Str::uuid();
    }

    /** Nothing is asked for somebody new. */
    protected function loadSession(): void
    {
        [$this->kept, $this->attributes] = [null, []];
        if (! $this->isGiven) {
            return;
        }
        try {
            $this->hold($this->client->view($this->id));
        } catch (CoatcheckError $error) {
            if ($error->isMoving()) {
                throw new SessionMoving;
            }
            if (! $error->isGone() && ! $error->isMissing()) {
                throw $error;
            }
            $this->setId(null);
        }
    }

    /** Only the keys that the request changed are written. */
    public function save(): void
    {
        $this->ageFlashData();
        $now = $this->packed();
        if ($this->kept === null) {
            $this->begin($now);
        } elseif (($operations = $this->kept->operations($now)) !== []) {
            try {
                $this->client->apply($this->id, $operations, $this->kept->isWritten ? '*' : null);
            } catch (CoatcheckError $error) {
                $isOver = $error->isGone() || $error->isMissing() || $error->reply === 'precondition_failed';
                throw $isOver ? new SessionOver : $error;
            }
        }
        $this->started = false;
    }

    /**
     * Moves the session to an id that nobody knew before, and binds it to whom its data say. What others have changed meanwhile
     * moves along. The old id is over at once, whatever `$destroy` says.
     */
    public function migrate($destroy = false): bool
    {
        if ($this->kept === null) {
            $this->setId(null);
            return true;
        }
        try {
            $moved = $this->client->rotate($this->id, $this->subjectOf($this->attributes), $this->idleSeconds);
            $this->id = $this->kept->id = $moved['id'];
        } catch (CoatcheckError $error) {
            if (! $error->isGone()) {
                throw $error;
            }
            // What the session was is over; what this request has put there goes on.
            $this->attributes = array_intersect_key($this->attributes, $this->kept->set($this->packed()));
            $this->kept = null;
            $this->setId(null);
        }
        return true;
    }

    /** Ends the session for good, and begins another one. */
    public function invalidate(): bool
    {
        $this->flush();
        if ($this->kept !== null) {
            try {
                $this->client->end($this->id);
            } catch (CoatcheckError $error) {
                if ($error->isMoving()) {
                    // A log-out that met a login: the page is loaded again, with the new cookie.
                    throw new SessionMoving;
                }
                if (! $error->isGone()) {
                    throw $error;
                }
            }
        }
        $this->kept = null;
        $this->setId(null);
        return true;
    }

    /**
     * Redeems a hand-off with the visitor's own session, which goes on under a new id, bound to the user. Answers `payload` and
     * `session`; null for a code that is not good, and then nothing changes.
     */
    public function redeem(string $code): ?array
    {
        $found = $this->client->redeem($code, $this->id);
        if ($found !== null) {
            $this->id = $found['session']['id'];
            $this->hold($this->client->view($this->id));
        }
        return $found;
    }

    private function hold(array $view): void
    {
        $this->kept = Kept::of($view);
        $this->attributes = $this->unpacked($view['settings']);
    }

    private function begin(array $now): void
    {
        $members = ['id' => $this->id, 'settings' => $now, 'idleTimeoutSeconds' => $this->idleSeconds];
        $subject = $this->subjectOf($this->attributes);
        $this->kept = Kept::of($this->client->create($members + ($subject === null ? [] : ['subject' => $subject])));
    }

    private function subjectOf(array $data): ?string
    {
        $subject = ($this->subject)($data);
        return $subject === null ? null : (string) $subject;
    }

    private function packed(): array
    {
        $errors = $this->attributes['errors'] ?? null;
        $bags = $errors instanceof ViewErrorBag ? array_map(fn ($bag) => $bag->getMessages(), $errors->getBags()) : null;
        return Kept::inJson(($bags === null ? [] : ['errors' => $bags]) + $this->attributes);
    }

    private function unpacked(array $settings): array
    {
        if (is_array($settings['errors'] ?? null)) {
            $errors = new ViewErrorBag;
            foreach ($settings['errors'] as $name => $messages) {
                $errors->put($name, new MessageBag((array) $messages));
            }
            $settings['errors'] = $errors;
        }
        return $settings;
    }
}
