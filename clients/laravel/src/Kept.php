<?php

namespace Coatcheck\Laravel;

/** What a request knows of the session that it was given, so that only what it changed is written. */
final class Kept
{
    private function __construct(
        public string $id,
        private array $settings,
        public readonly ?string $subject,
        public readonly bool $isWritten,
    ) {}

    public static function of(array $view): self
    {
        return new self($view['id'], self::inJson($view['settings']), $view['subject'] ?? null, $view['revision'] > 0);
    }

    /** The values as JSON holds them. Throws JsonException where it cannot. */
    public static function inJson(array $data): array
    {
        return json_decode(json_encode((object) $data, JSON_THROW_ON_ERROR), true, 512, JSON_THROW_ON_ERROR);
    }

    /** Whole values by their keys. */
    public function set(array $now): array
    {
        $isNew = fn ($value, $key) => ! array_key_exists($key, $this->settings) || $this->settings[$key] !== $value;
        return array_filter($now, $isNew, ARRAY_FILTER_USE_BOTH);
    }

    /**
     * The JSON Patch that brings about what the request changed, whatever stands there by now. Removing an absent key is an
     * error in a JSON Patch, so a key is there before it is removed.
     */
    public function operations(array $now): array
    {
        $operations = [];
        foreach ($this->set($now) as $key => $value) {
            $operations[] = ['op' => 'add', 'path' => self::at($key), 'value' => $value];
        }
        foreach (array_keys(array_diff_key($this->settings, $now)) as $key) {
            $operations[] = ['op' => 'add', 'path' => self::at($key), 'value' => null];
            $operations[] = ['op' => 'remove', 'path' => self::at($key)];
        }
        return $operations;
    }

    private static function at(string|int $key): string
    {
        return '/'.strtr((string) $key, ['~' => '~0', '/' => '~1']);
    }
}
