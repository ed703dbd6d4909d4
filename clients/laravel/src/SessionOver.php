<?php

namespace Coatcheck\Laravel;

/** The session has ended while the request was under way; what the request changed was not kept. */
class SessionOver extends \RuntimeException
{
    public function render(): mixed
    {
        return Pages::over();
    }

    public function report(): bool
    {
        return true;
    }
}
