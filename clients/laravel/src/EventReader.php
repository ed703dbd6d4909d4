<?php

namespace Coatcheck\Laravel;

/** Server-sent events, in whatever pieces they come. */
final class EventReader
{
    public float $retrySeconds = 1.0;
    private string $text = '';
    private string $name = '';
    private array $data = [];

    /** `$heard($name, $data)` answers false to end it. */
    public function __construct(private \Closure|string|array $heard) {}

    /** Whether more is wanted. */
    public function take(string $piece): bool
    {
        $this->text .= $piece;
        while (($end = strpos($this->text, "\n")) !== false) {
            $line = rtrim(substr($this->text, 0, $end), "\r");
            $this->text = substr($this->text, $end + 1);
            if ($line === '' ? ! $this->give() : ! $this->read($line)) {
                return false;
            }
        }
        return true;
    }

    private function read(string $line): bool
    {
        [$field, $value] = array_pad(explode(':', $line, 2), 2, '');
        $value = preg_replace('/^ /', '', $value);
        match ($field) {
            'event' => $this->name = $value,
            'data' => $this->data[] = $value,
            'retry' => $this->retrySeconds = (int) $value / 1000,
            default => null,
        };
        return true;
    }

    private function give(): bool
    {
        [$name, $data] = [$this->name, $this->data];
        [$this->name, $this->data] = ['', []];
        return $data === [] || ($this->heard)($name, json_decode(implode("\n", $data), true)) !== false;
    }
}
