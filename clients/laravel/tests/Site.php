<?php

namespace Coatcheck\Laravel\Tests;

use Coatcheck\Laravel\Client;
use Coatcheck\Laravel\CoatcheckServiceProvider;
use Illuminate\Auth\GenericUser;
use Illuminate\Contracts\Auth\Authenticatable;
use Illuminate\Contracts\Auth\UserProvider;
use Illuminate\Foundation\Application;
use Illuminate\Foundation\Exceptions\Handler;
use Illuminate\Foundation\Http\Kernel;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\Auth;
use Illuminate\Support\Facades\Route;
use Symfony\Component\HttpFoundation\Response;

class SiteKernel extends Kernel
{
    protected $middlewareGroups = ['web' => [
        \Illuminate\Cookie\Middleware\EncryptCookies::class,
        \Illuminate\Cookie\Middleware\AddQueuedCookiesToResponse::class,
        \Illuminate\Session\Middleware\StartSession::class,
        \Illuminate\View\Middleware\ShareErrorsFromSession::class,
        \Illuminate\Foundation\Http\Middleware\VerifyCsrfToken::class,
        \Illuminate\Routing\Middleware\SubstituteBindings::class,
    ]];
}

/** Everybody exists, and has the id that they say. */
class Everybody implements UserProvider
{
    public function retrieveById($id): Authenticatable { return new GenericUser(['id' => $id, 'remember_token' => '']); }
    public function retrieveByToken($id, $token) { return null; }
    public function updateRememberToken(Authenticatable $user, $token) {}
    public function retrieveByCredentials(array $given) { return $this->retrieveById($given['id'] ?? ''); }
    public function validateCredentials(Authenticatable $user, array $given) { return true; }
}

/**
 * An app as Laravel's own skeleton makes one, as far as sessions go: Debian has the framework and not the skeleton. Each request
 * has an application of its own, as in PHP.
 */
final class Site
{
    /** @var array<callable> what happens in the middle of a request */
    public static array $meanwhile = [];

    /** `$home` is a folder to build it in; `$files` are put there, by their paths. */
    public function __construct(private string $home, array $files)
    {
        $files += [
            'config/app.php' => '<?php return ["name" => "Shop", "env" => "testing", "debug" => false, "timezone" => "UTC",
                "locale" => "en", "fallback_locale" => "en", "cipher" => "AES-256-CBC", "key" => str_repeat("k", 32), "providers" => [
                Illuminate\Auth\AuthServiceProvider::class, Illuminate\Cookie\CookieServiceProvider::class,
                Illuminate\Encryption\EncryptionServiceProvider::class, Illuminate\Filesystem\FilesystemServiceProvider::class,
                Illuminate\Foundation\Providers\FoundationServiceProvider::class, Illuminate\Hashing\HashServiceProvider::class,
                Illuminate\Session\SessionServiceProvider::class, Illuminate\Translation\TranslationServiceProvider::class,
                Illuminate\Validation\ValidationServiceProvider::class, Illuminate\View\ViewServiceProvider::class,
                '.CoatcheckServiceProvider::class.'::class]];',
            'config/session.php' => '<?php return ["driver" => env("SESSION_DRIVER"), "lifetime" => 43200,
                "expire_on_close" => false, "encrypt" => false, "lottery" => [2, 100], "cookie" => "shop_session", "path" => "/",
                "domain" => null, "secure" => false, "http_only" => true, "same_site" => "lax"];',
            'config/auth.php' => '<?php return ["defaults" => ["guard" => "web"], "guards" => ["web" => ["driver" => "session",
                "provider" => "users"]], "providers" => ["users" => ["driver" => "everybody"]]];',
            'config/view.php' => '<?php return ["paths" => [], "compiled" => sys_get_temp_dir()];',
            'config/logging.php' => '<?php return ["default" => "null", "channels" => ["null" => ["driver" => "monolog",
                "handler" => Monolog\Handler\NullHandler::class]]];',
            'bootstrap/cache/.keep' => '',
        ];
        foreach ($files as $path => $text) {
            @mkdir(dirname("$home/$path"), 0700, true);
            file_put_contents("$home/$path", $text);
        }
    }

    /** Answers a request; `$url` is where the service is, and `$seconds` what a call may take. */
    public function answer(Request $request, string $url, float $seconds): Response
    {
        foreach (['APP_ENV' => 'testing', 'COATCHECK_URL' => $url] as $name => $value) {
            $_SERVER[$name] = $_ENV[$name] = $value;
        }
        $app = new Application($this->home);
        $app->singleton(\Illuminate\Contracts\Http\Kernel::class, SiteKernel::class);
        $app->singleton(\Illuminate\Contracts\Debug\ExceptionHandler::class, Handler::class);
        $kernel = $app->make(\Illuminate\Contracts\Http\Kernel::class);
        $app->booting(function () use ($app, $seconds) {
            $app['config']->set('coatcheck.seconds', $seconds);
            Auth::provider('everybody', fn () => new Everybody);
            Route::middleware('web')->group(fn () => $this->routes());
        });
        $answer = $kernel->handle($request);
        $kernel->terminate($request, $answer);
        return $answer;
    }

    private function routes(): void
    {
        if (is_file("$this->home/routes/web.php")) {
            require "$this->home/routes/web.php";
        }
        Route::any('/put', function (Request $request) {
            foreach (self::$meanwhile as $work) $work($request->session()->getId());
            foreach ($request->query() as $name => $value) {
                $value === '' ? $request->session()->forget($name) : $request->session()->put($name, $value);
            }
            return 'put';
        });
        Route::any('/show', fn (Request $request) => response()->json([
            'id' => $request->session()->getId(),
            'all' => (object) array_diff_key($request->session()->all(), ['_token' => 1, '_flash' => 1, '_previous' => 1]),
            'who' => Auth::id(),
            'token' => $request->session()->token(),
        ]));
        Route::any('/in', function (Request $request) {
            foreach (self::$meanwhile as $work) $work($request->session()->getId());
            Auth::loginUsingId($request->query('id'));
            return 'in';
        });
        Route::any('/out', function (Request $request) {
            Auth::logout();
            $request->session()->invalidate();
            return 'out';
        });
        Route::any('/regenerate', fn (Request $request) => $request->session()->regenerate() ? 'done' : 'not');
        Route::any('/redeem', fn (Request $request) => [
            'found' => $request->session()->redeem($request->query('code')) !== null,
            'id' => $request->session()->getId(),
        ]);
        Route::any('/check', function (Request $request) {
            validator($request->query(), ['name' => 'required'])->validate();
            return 'checked';
        });
        Route::any('/errors', fn (Request $request) => view()->shared('errors')->get('name'));
    }
}
