<?php

namespace Coatcheck\Laravel\Tests;

use Illuminate\Http\Request;
use Symfony\Component\HttpFoundation\Response;

/** A visitor: keeps the cookies, and asks the site. */
final class Browser
{
    public array $cookies = [];
    public ?Response $last = null;

    public function __construct(private Site $site, public string $url, public float $seconds = 20) {}

    public function get(string $path, array $headers = [], string $method = 'GET'): string
    {
        $request = Request::create("http://localhost$path", $method, [], $this->cookies);
        $request->headers->set('Accept', 'text/html');
        $request->headers->add($headers);
        $this->last = $this->site->answer($request, $this->url, $this->seconds);
        foreach ($this->last->headers->getCookies() as $cookie) {
            $this->cookies[$cookie->getName()] = $cookie->getValue();
        }
        if ($this->last->getStatusCode() === 500) {
            throw new \Exception("$path is 500: {$this->last->exception?->getMessage()}");
        }
        return (string) $this->last->getContent();
    }

    public function post(string $path, array $headers = []): string
    {
        return $this->get($path, $headers, 'POST');
    }

    public function json(string $path): array
    {
        return json_decode($this->get($path), true, 512, JSON_THROW_ON_ERROR);
    }

    public function status(): int
    {
        return $this->last->getStatusCode();
    }

    /** Whether the last answer set the session's cookie. */
    public function isGiven(): bool
    {
        return array_filter($this->last->headers->getCookies(), fn ($one) => $one->getName() === 'shop_session') !== [];
    }
}
