<?php

namespace Coatcheck\Laravel;

use Illuminate\Support\ServiceProvider;

/** `SESSION_DRIVER=coatcheck`, and `Client` for whoever asks the container for it. */
class CoatcheckServiceProvider extends ServiceProvider
{
    public function register(): void
    {
        $this->mergeConfigFrom(__DIR__.'/../config/coatcheck.php', 'coatcheck');
        $this->app->singleton(Client::class, function ($app) {
            ['url' => $url, 'key' => $key, 'seconds' => $seconds, 'ca_file' => $caFile] = $app['config']['coatcheck'];
            return new Client($url, (string) $key, $seconds, $caFile);
        });
        $this->app->extend('session', fn ($manager, $app) => new SessionManager($app));
    }
}
