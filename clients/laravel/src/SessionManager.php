<?php

namespace Coatcheck\Laravel;

use Illuminate\Session\SessionManager as LaravelManager;

/** Knows one driver more than Laravel's own: `coatcheck`. */
class SessionManager extends LaravelManager
{
    protected function createCoatcheckDriver(): SessionStore
    {
        $subject = $this->config->get('coatcheck.subject');
        return new SessionStore(
            $this->config->get('session.cookie'),
            $this->container->make(Client::class),
            max(1, (int) ($this->config->get('session.lifetime') * 60)),
            $subject === null ? self::whoIsIn(...) : \Closure::fromCallable($this->container->make($subject)),
        );
    }

    /** The id that a guard of Laravel has put there at the login. */
    private static function whoIsIn(array $data): mixed
    {
        foreach ($data as $key => $value) {
            if (preg_match('/^login_\w+_[0-9a-f]{40}$/', (string) $key)) {
                return $value;
            }
        }
        return null;
    }
}
