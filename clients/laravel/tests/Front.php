<?php

namespace Coatcheck\Laravel\Tests;

/**
 * Stands between a client and the service, in a process of its own. `harm` says what is done to requests of a method (`*` for
 * all): null hands them on, `lose` has the service do it and loses the answer, `hold` answers nothing, `refuse` closes the line,
 * any other text is answered in the service's place. `times` is how often.
 */
final class Front
{
    public readonly string $url;
    private readonly string $notes;
    private readonly int $child;

    public function __construct(string $to)
    {
        $this->notes = sys_get_temp_dir().'/coatcheck-front-'.bin2hex(random_bytes(6));
        $this->harm(null);
        $server = stream_socket_server('tcp://127.0.0.1:0');
        $this->url = 'http://'.stream_socket_get_name($server, false);
        $this->child = pcntl_fork();
        if ($this->child === 0) {
            pcntl_signal(SIGCHLD, SIG_IGN);
            $address = parse_url($to, PHP_URL_HOST).':'.parse_url($to, PHP_URL_PORT);
            for (;;) {
                $line = @stream_socket_accept($server, 3600);
                if ($line !== false && pcntl_fork() === 0) {
                    $this->serve($line, $address);
                    posix_kill(getmypid(), SIGKILL);
                }
                if ($line !== false) {
                    fclose($line);
                }
            }
        }
        fclose($server);
    }

    public function harm(?string $harm, string $method = '*', int $times = PHP_INT_MAX): void
    {
        file_put_contents("$this->notes.harm", serialize([$harm, $method, $times]));
    }

    /** The requests since it was asked last: `[method, path, headers, body]`. */
    public function sent(): array
    {
        $lines = is_file("$this->notes.sent") ? file("$this->notes.sent", FILE_IGNORE_NEW_LINES) : [];
        file_put_contents("$this->notes.sent", '');
        return array_map(fn ($line) => json_decode($line, true), $lines);
    }

    public function close(): void
    {
        posix_kill($this->child, SIGKILL);
        pcntl_waitpid($this->child, $status);
        array_map('unlink', glob("$this->notes.*"));
    }

    private function serve($line, string $to): void
    {
        $head = '';
        while (! str_ends_with($head, "\r\n\r\n")) {
            $piece = fgets($line);
            if ($piece === false) return;
            $head .= $piece;
        }
        $length = preg_match('/^content-length: (\d+)/im', $head, $found) ? (int) $found[1] : 0;
        $body = $length === 0 ? '' : stream_get_contents($line, $length);
        [$method, $path] = explode(' ', $head);
        preg_match_all('/^([\w-]+): (.*?)\r$/m', $head, $found);
        $sent = [$method, $path, array_combine(array_map('strtolower', $found[1]), $found[2]), $body];
        file_put_contents("$this->notes.sent", json_encode($sent)."\n", FILE_APPEND | LOCK_EX);

        $harm = $this->due($method);
        if ($harm === 'refuse') return;
        if ($harm === 'hold') {
            stream_get_contents($line);
            return;
        }
        if ($harm !== null && $harm !== 'lose') {
            fwrite($line, $harm);
            return;
        }
        $onward = stream_socket_client("tcp://$to");
        fwrite($onward, preg_replace('/\r\n/', "\r\nConnection: close\r\n", $head, 1).$body);
        while (! feof($onward)) {
            $piece = fread($onward, 65536);
            if ($harm === null && (string) $piece !== '' && @fwrite($line, $piece) === false) return;
        }
    }

    private function due(string $method): ?string
    {
        [$harm, $of, $times] = unserialize(file_get_contents("$this->notes.harm"));
        if ($harm === null || $times === 0 || ($of !== '*' && $of !== $method)) return null;
        $this->harm($harm, $of, $times - 1);
        return $harm;
    }
}
