<?php

namespace Coatcheck\Laravel;

use Symfony\Component\HttpFoundation\Request;
use Symfony\Component\HttpFoundation\Response;

/** What a browser is shown in place of a page that could not be made. None of them sets a cookie of the session. */
final class Pages
{
    /** Loads itself again after a second, also where `wire:navigate` has put it into the page. */
    private const MOMENT = '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="1">'
        .'<title>One moment</title><link rel="icon" href="data:,"></head><body><main><h1>One moment</h1>'
        .'<p>You have just logged in in another tab.</p></main></body></html>';

    public static function away(float $retryAfter): Response
    {
        $seconds = (string) max(1, (int) $retryAfter);
        return self::text(503, 'The sessions cannot be reached just now. Load this page again.', ['Retry-After' => $seconds]);
    }

    public static function oneMoment(Request $request): Response
    {
        $accept = (string) $request->headers->get('accept', '');
        $isPage = in_array($request->getMethod(), ['GET', 'HEAD'], true) && ($accept === '' || str_contains($accept, 'text/html'));
        if ($isPage) {
            return new Response(self::MOMENT, 200, ['Cache-Control' => 'no-store', 'Refresh' => '1']);
        }
        $told = 'You have just logged in in another tab. Load the page again, then repeat this.';
        return self::text(409, $told, ['Retry-After' => '1']);
    }

    public static function over(): Response
    {
        return self::text(409, 'The session has ended while this was done, so it was not kept. Load the page again.');
    }

    private static function text(int $status, string $told, array $headers = []): Response
    {
        $plain = ['Content-Type' => 'text/plain; charset=utf-8', 'Cache-Control' => 'no-store'];
        return new Response("$told\n", $status, $plain + $headers);
    }
}
