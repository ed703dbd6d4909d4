<?php

return [
    'url' => env('COATCHECK_URL', 'http://127.0.0.1:3000'),
    'key' => env('COATCHECK_API_KEY'),
    /** What a call takes at most, its repeats included. */
    'seconds' => 3.0,
    /** The file of the certificates to trust, if it is not the system's. */
    'ca_file' => null,
    /** A class that can be called with the session's data and says whom it is bound to; null: whoever Laravel has logged in. */
    'subject' => null,
];
