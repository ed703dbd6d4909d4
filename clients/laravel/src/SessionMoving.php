<?php

namespace Coatcheck\Laravel;

/** A login in another tab has just moved the session, and its new cookie is on its way. */
class SessionMoving extends \RuntimeException
{
    public function render($request): mixed
    {
        return Pages::oneMoment($request);
    }

    public function report(): bool
    {
        return true;
    }
}
