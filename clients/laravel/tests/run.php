<?php

/**
 * The tests: `COATCHECK_URL=… COATCHECK_API_KEY=… php tests/run.php`, against a Coatcheck that runs, on the Laravel that PHP finds
 * (Debian: php-laravel-framework). The last lines say how many passed; the exit code is 1 if one did not.
 */

namespace Coatcheck\Laravel\Tests;

use Coatcheck\Laravel\Client;
use Coatcheck\Laravel\CoatcheckError;
use Illuminate\Foundation\Application;

require 'Illuminate/autoload.php';
spl_autoload_register(function (string $class) {
    foreach (['Coatcheck\\Laravel\\Tests\\' => __DIR__, 'Coatcheck\\Laravel\\' => dirname(__DIR__).'/src'] as $prefix => $folder) {
        $path = $folder.'/'.str_replace('\\', '/', substr($class, strlen($prefix))).'.php';
        if (str_starts_with($class, $prefix) && is_file($path)) {
            require $path;
            return;
        }
    }
});
// The framework is older than this PHP, which says so at every turn.
error_reporting(E_ALL & ~E_DEPRECATED);

function same(mixed $wanted, mixed $found, string $why = ''): void
{
    if ($wanted !== $found) {
        $shown = fn ($value) => json_encode($value, JSON_UNESCAPED_SLASHES | JSON_PARTIAL_OUTPUT_ON_ERROR);
        throw new \Exception(trim("$why: wanted {$shown($wanted)}, found {$shown($found)}", ': '));
    }
}

function refused(callable $work): CoatcheckError
{
    try {
        $work();
    } catch (CoatcheckError $error) {
        if (str_contains("$error", KEY)) throw new \Exception('An error tells the API key.');
        return $error;
    }
    throw new \Exception('It was not refused, line '.debug_backtrace()[0]['line']);
}

define('URL', getenv('COATCHECK_URL'));
define('KEY', getenv('COATCHECK_API_KEY'));
const OWN = '{"code":"store_unavailable","detail":"x","status":503}';
const FOREIGN = [
    'a page of a proxy' => "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    'a health check' => "HTTP/1.1 204 No Content\r\n\r\n",
    "another's 404" => "HTTP/1.1 404 Not Found\r\nContent-Length: 28\r\n\r\n{\"code\":\"session_not_found\"}",
    "another's 410" => "HTTP/1.1 410 Gone\r\nContent-Length: 23\r\n\r\n{\"code\":\"session_gone\"}",
    'a 503 of its own' => "HTTP/1.1 503 x\r\nCoatcheck-Version: 1\r\nRetry-After: 9\r\nContent-Length: 54\r\n\r\n".OWN,
];

$docs = getenv('COATCHECK_DOCS') ?: dirname(__DIR__, 3).'/docs';
preg_match_all('/^(?:<!-- (\w+) (\S+) -->\n)?```(\w+)\n(.*?)^```$/ms', file_get_contents("$docs/frameworks/laravel.md"), $blocks, PREG_SET_ORDER);
$files = [];
foreach ($blocks as [, , $name, , $text]) {
    $files[$name] = strtr($text, ['ck_…' => KEY]);
}
$home = sys_get_temp_dir().'/coatcheck-laravel-'.bin2hex(random_bytes(6));
mkdir($home, 0700);
$owner = getmypid();
register_shutdown_function(function () use ($home, $owner) {
    if (getmypid() === $owner) (new \Illuminate\Filesystem\Filesystem)->deleteDirectory($home);
});
$site = new Site($home, $files);
$service = new Client(URL, KEY);
$browser = fn () => new Browser($site, URL);
$run = bin2hex(random_bytes(4));

$tests = [
    'every block of code on the page is a file of the app' => function () use ($blocks) {
        same([['file', '.env', 'ini'], ['file', 'routes/web.php', 'php']], array_map(fn ($one) => array_slice($one, 1, 3), $blocks));
    },

    'the page counts, a login binds, and logging out everywhere reaches every browser' => function () use ($browser, $run) {
        [$one, $two] = [$browser(), $browser()];
        same(['visit 1, light, nobody', 'visit 2, light, nobody'], [$one->get('/'), $one->get('/')]);
        foreach ([$one, $two] as $each) $each->post("/login?id=$run-anna");
        same(["visit 3, light, $run-anna", "visit 1, light, $run-anna"], [$one->get('/'), $two->get('/')]);
        $one->post('/logout?everywhere=1');
        same(['visit 1, light, nobody', 'visit 1, light, nobody'], [$one->get('/'), $two->get('/')]);
        $one->post("/login?id=$run-anna");
        $one->post('/logout');
        same('visit 1, light, nobody', $one->get('/'));
    },

    'what another process writes is in the next request, and a login elsewhere is carried over once' =>
        function () use ($browser, $service, $run) {
            [$one, $other] = [$browser(), $browser()];
            $one->get('/');
            $other->get('/');
            $id = $one->json('/show')['id'];
            $service->patch($id, ['theme' => 'dark']);
            same('visit 2, dark, nobody', $one->get('/'));
            $code = $service->handoff($id, "$run-hanna");
            $other->post("/login/continue?code=$code");
            same('visit 2, light, nobody', $other->get('/'), "it is good for the visitor's own browser alone");
            $one->post("/login/continue?code=$code");
            same("visit 3, dark, $run-hanna", $one->get('/'));
            same('rotated', refused(fn () => $service->view($id))->reason);
            same('{"found":false,"id":"'.$one->json('/show')['id'].'"}', $one->get("/redeem?code=$code"), 'a second use changes nothing');
            $two = $browser();
            $two->get('/put?a=1');
            $code = $service->handoff($two->json('/show')['id'], "$run-two");
            $found = $two->json("/redeem?code=$code");
            same([true, $found['id'], ['a' => '1']], [$found['found'], ...array_values(array_slice($two->json('/show'), 0, 2))]);
        },

    'a new visitor costs one call, and only the keys that changed are written' => function () use ($site) {
        $front = new Front(URL);
        try {
            $one = new Browser($site, $front->url);
            $one->get('/put?a=1&b=1&c=1');
            $sent = $front->sent();
            same(['POST'], array_column($sent, 0));
            same(43200 * 60, json_decode($sent[0][3], true)['idleTimeoutSeconds']);
            $one->get('/put?b=2&c');
            $sent = $front->sent();
            same(['GET', 'PATCH'], array_column($sent, 0));
            same('*', $sent[1][2]['if-match'], 'nothing is begun under an id whose time was over');
            $operations = array_filter(json_decode($sent[1][3], true), fn ($one) => $one['path'] !== '/_previous');
            same([['op' => 'add', 'path' => '/b', 'value' => '2'], ['op' => 'add', 'path' => '/c', 'value' => null],
                ['op' => 'remove', 'path' => '/c']], array_values($operations));
            $one->post('/put?b=2');
            same(['GET'], array_column($front->sent(), 0), 'what changes nothing writes nothing');
        } finally {
            $front->close();
        }
    },

    "requests that overlap lose nothing of each other's" => function () use ($browser, $service) {
        $one = $browser();
        $one->get('/put?a=1&b=1&c=1');
        Site::$meanwhile = [fn ($id) => $service->patch($id, ['b' => '2', 'c' => null, 'd' => ['x' => []]])];
        $one->get('/put?a=3&e=3');
        Site::$meanwhile = [];
        $all = $one->json('/show')['all'];
        ksort($all);
        same(['a' => '3', 'b' => '2', 'd' => ['x' => []], 'e' => '3'], $all);
    },

    'a late request brings back no session that was ended' => function () use ($browser, $service) {
        $one = $browser();
        $one->get('/put?a=1');
        $before = $one->json('/show');
        Site::$meanwhile = [fn ($id) => $service->end($id)];
        $one->get('/put?a=2');
        same([409, false], [$one->status(), $one->isGiven()]);
        Site::$meanwhile = [];
        same('deleted', refused(fn () => $service->view($before['id']))->reason);
        $after = $one->json('/show');
        same([[], false, false], [$after['all'], $after['id'] === $before['id'], $after['token'] === $before['token']]);
    },

    'a login moves and binds, and a log-out ends' => function () use ($browser, $service, $run) {
        [$one, $sibling] = [$browser(), $browser()];
        $one->get('/put?cart=tea');
        $before = $one->json('/show')['id'];
        $sibling->cookies = $one->cookies;
        Site::$meanwhile = [fn ($id) => $service->patch($id, ['others' => 1])];
        $one->get("/in?id=$run-henrik");
        Site::$meanwhile = [];
        $after = $one->json('/show');
        same("$run-henrik", $after['who']);
        $view = $service->view($after['id']);
        same(["$run-henrik", 'tea', 1], [$view['subject'], $view['settings']['cart'], $view['settings']['others']]);
        same('rotated', refused(fn () => $service->view($before))->reason);
        // The answer with the new cookie may be on its way to this tab.
        $sibling->get('/show');
        same([200, '1', false], [$sibling->status(), $sibling->last->headers->get('Refresh'), $sibling->isGiven()]);
        foreach ([['/show', ['Accept' => 'application/json'], 'GET'], ['/out', [], 'POST']] as $request) {
            $sibling->get(...$request);
            same([409, false], [$sibling->status(), $sibling->isGiven()], $request[0]);
        }
        same("$run-henrik", $service->view($after['id'])['subject'], 'a log-out with the old cookie changes nothing');
        $one->get('/out');
        same('deleted', refused(fn () => $service->view($after['id']))->reason);
        same([[], null], array_values(array_slice($one->json('/show'), 1, 2)));
        $new = $browser();
        $new->get("/in?id=$run-new");
        same("$run-new", $service->view($new->json('/show')['id'])['subject'], 'also of somebody new');
    },

    'regenerate moves the data' => function () use ($browser, $service) {
        $one = $browser();
        $one->get('/put?a=1');
        $before = $one->json('/show');
        $one->get('/regenerate');
        $after = $one->json('/show');
        same([$before['all'], false], [$after['all'], $after['id'] === $before['id']]);
        same('rotated', refused(fn () => $service->view($before['id']))->reason);
    },

    'a login over a session that was just ended goes on without what that held' => function () use ($browser, $service, $run) {
        $one = $browser();
        $one->get('/put?old=1');
        Site::$meanwhile = [fn ($id) => $service->end($id)];
        $one->get("/in?id=$run-late");
        Site::$meanwhile = [];
        $shown = $one->json('/show');
        same(["$run-late", false], [$shown['who'], isset($shown['all']['old'])]);
        same(1, $service->endSubject("$run-late"));
    },

    'an outage is 503 and logs nobody out' => function () use ($site, $run) {
        $front = new Front(URL);
        try {
            $one = new Browser($site, $front->url);
            $one->get("/in?id=$run-out");
            $one->get('/put?a=1');
            $one->seconds = 0.4;
            foreach (['refuse', 'hold', ...array_values(FOREIGN)] as $harm) {
                $front->harm($harm);
                $one->get('/put?a=2');
                same([503, false, true], [$one->status(), $one->isGiven(), $one->last->headers->get('Retry-After') >= 1], $harm);
            }
            $one->seconds = 1.5;
            $front->harm('refuse', 'PATCH');
            $one->get('/put?a=2');
            same([503, false], [$one->status(), $one->isGiven()], 'also where only the write fails');
            $front->harm(null);
            $one->seconds = 20;
            $shown = $one->json('/show');
            same(["$run-out", '1'], [$shown['who'], $shown['all']['a']]);
            $front->harm('lose', 'POST', 1);
            $front->sent();
            $one->get('/regenerate');
            same(200, $one->status());
            $keys = array_column(array_column(array_filter($front->sent(), fn ($sent) => $sent[0] === 'POST'), 2), 'idempotency-key');
            same([2, 1], [count($keys), count(array_unique($keys))], 'an answer that was lost is asked for again and done once');
        } finally {
            $front->close();
        }
    },

    'a cookie that the app has not encrypted is none' => function () use ($browser) {
        $one = $browser();
        $one->get('/put?a=1');
        $id = $one->json('/show')['id'];
        foreach ([$id, 'A'.$one->cookies['shop_session'], 'x', ''] as $forged) {
            $other = $browser();
            $other->cookies['shop_session'] = $forged;
            $shown = $other->json('/show');
            same([[], false], [$shown['all'], $shown['id'] === $id], $forged);
        }
    },

    'the errors of a validation are there after the redirect, and no longer' => function () use ($browser) {
        $one = $browser();
        $one->get('/check');
        same(302, $one->status());
        same(['validation.required'], json_decode($one->get('/errors')));
        same([], json_decode($one->get('/errors')));
    },

    'the calls that an app makes' => function () use ($service) {
        $id = $service->create(['settings' => ['n' => 1, 'flash' => 'hi']])['id'];
        same(3, $service->increment($id, 'n', 2));
        same(['hi', null], [$service->take($id, 'flash'), $service->take($id, 'flash')]);
        $page = new Client(URL, $service->token($id, 'read write', ['n'], ['n']));
        same(['n' => 3], $page->view('current')['settings']);
        same('key_not_allowed', refused(fn () => $page->patch('current', ['role' => 'admin']))->reply);
        same([$id], array_keys($service->batch([$id])['sessions']));
        same(null, $service->redeem('no code', $id));
        same('name_refused', refused(fn () => $service->patch($id, ['__proto__' => 1]))->reply);
    },

    'only an answer of Coatcheck counts' => function () use ($service) {
        $id = $service->create(['settings' => ['a' => 1]])['id'];
        $front = new Front(URL);
        try {
            $hasty = new Client($front->url, KEY, 0.3);
            foreach (FOREIGN + ['broken off' => "HTTP/1.1 200 OK\r\nCoatcheck-Version: 1\r\nContent-Length: 2\r\n\r\n{"] as $what => $answer) {
                $front->harm($answer);
                foreach (['view', 'end'] as $name) same(true, refused(fn () => $hasty->$name($id))->isAway(), "$name, $what");
                same(true, refused(fn () => $hasty->patch($id, ['a' => 2]))->isAway(), $what);
            }
            $front->harm(FOREIGN['a page of a proxy']);
            $heard = 0;
            same(1.0, $hasty->events(function () use (&$heard) { $heard++; }));
            same(0, $heard);
        } finally {
            $front->close();
        }
        same(['a' => 1], $service->view($id)['settings']);
    },

    'events tells what happens' => function () use ($service) {
        $id = $service->create(['settings' => ['a' => 1]])['id'];
        $other = new Client(URL, KEY);
        $heard = [];
        $service->events(function (string $name, array $data) use ($id, $other, &$heard) {
            if ($name === 'gap') $other->patch($id, ['a' => 2]);
            if (($data['id'] ?? null) !== $id) return true;
            $heard[] = [$name, $data['set'] ?? $data['reason']];
            if ($name === 'change') $other->end($id);
            return $name !== 'ended';
        });
        same([['change', ['a' => 2]], ['ended', 'deleted']], $heard);
    },
];

echo 'Laravel '.Application::VERSION.', PHP '.PHP_VERSION."\n";
$failed = 0;
foreach ($tests as $name => $test) {
    Site::$meanwhile = [];
    try {
        $test();
        echo "ok     $name\n";
    } catch (\Throwable $error) {
        $failed++;
        echo "FAILED $name\n  ".$error->getMessage()."\n  ".$error->getFile().':'.$error->getLine()."\n";
    }
}
echo count($tests) - $failed." passed, $failed failed\n";
exit($failed === 0 ? 0 : 1);
