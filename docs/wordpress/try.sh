#!/bin/sh
# A WordPress of Debian's packages with plain permalinks and the lines that the
# snippet page shows, against a running Earshot: what is asked of pages is
# checked with curl, what readers do with Chromium where there is one.
#
#   apt-get install --no-install-recommends wordpress wordpress-theme-twentytwentythree mariadb-server php-cli php-mysql
#   earshot serve --listen 127.0.0.1:8080           # EARSHOT_ALLOW_HEADLESS=1 for Chromium
#   earshot site add localhost --page-params p,page_id,cat,tag,author,m
#   docs/wordpress/try.sh http://127.0.0.1:8080 TOKEN   # earshot token add --site localhost
#
# Everything is in a folder of its own and ends with the script.
set -eu
earshot=${1:?address of Earshot} token=${2:-}
wordpress=${WORDPRESS:-/usr/share/wordpress} port=${PORT:-8899}
dir=$(mktemp -d) blog=http://localhost:$port
user=$(id -un)
stop() { trap - EXIT; kill $php $db 2>/dev/null || true; wait $php $db 2>/dev/null || true; rm -rf "$dir"; }
php= db=; trap stop EXIT; trap 'exit 1' INT TERM

mkdir "$dir/mysql" "$dir/site"
mariadb-install-db --no-defaults --datadir="$dir/mysql" --user="$user" --auth-root-authentication-method=normal >"$dir/install.log" 2>&1
mariadbd --no-defaults --datadir="$dir/mysql" --user="$user" --socket="$dir/db.sock" --skip-networking --pid-file="$dir/db.pid" >"$dir/db.log" 2>&1 &
db=$!
i=0; until mariadb --no-defaults -uroot -S "$dir/db.sock" -e 'CREATE DATABASE blog' 2>/dev/null; do i=$((i + 1)); [ $i -lt 120 ] || { cat "$dir/db.log"; exit 1; }; sleep 0.5; done

cp -rL "$wordpress/." "$dir/site"
rm -rf "$dir/site/wp-config.php" "$dir/site/wp-content"
mkdir -p "$dir/site/wp-content/mu-plugins" "$dir/site/wp-content/themes"
cp -rL /var/lib/wordpress/wp-content/themes/. "$dir/site/wp-content/themes"
cat >"$dir/site/wp-config.php" <<PHP
<?php
define('DB_NAME', 'blog'); define('DB_USER', 'root'); define('DB_PASSWORD', ''); define('DB_HOST', 'localhost:$dir/db.sock');
define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
foreach (['AUTH_KEY','SECURE_AUTH_KEY','LOGGED_IN_KEY','NONCE_KEY','AUTH_SALT','SECURE_AUTH_SALT','LOGGED_IN_SALT','NONCE_SALT'] as \$k) define(\$k, 'for trying');
define('WP_HTTP_BLOCK_EXTERNAL', true); define('DISABLE_WP_CRON', true); define('AUTOMATIC_UPDATER_DISABLED', true);
\$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
PHP
# The lines of the snippet page.
cat >"$dir/site/wp-content/mu-plugins/earshot.php" <<PHP
<?php
add_action( 'wp_head', function () {
	if ( current_user_can( 'edit_posts' ) || is_preview() || is_customize_preview() ) {
		return;
	}
	echo '<script defer data-site="localhost" data-local src="$earshot/js/earshot.js"></script>', "\n";
} );
PHP
cat >"$dir/install.php" <<PHP
<?php
define('WP_INSTALLING', true);
\$_SERVER['HTTP_HOST'] = 'localhost:$port'; \$_SERVER['SERVER_NAME'] = 'localhost'; \$_SERVER['REQUEST_URI'] = '/';
require '$dir/site/wp-load.php'; require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('A blog', 'author', 'author@example.com', true, '', 'correct horse battery');
update_option('siteurl', '$blog'); update_option('home', '$blog'); update_option('permalink_structure', '');
update_option('page_comments', 1); update_option('comments_per_page', 2);
\$post = wp_insert_post(['post_title' => 'A post', 'post_content' => str_repeat('<p>Words.</p>', 300), 'post_status' => 'publish', 'post_author' => 1]);
\$draft = wp_insert_post(['post_title' => 'A draft', 'post_content' => 'Not yet.', 'post_status' => 'draft', 'post_author' => 1]);
for (\$i = 0; \$i < 5; \$i++) wp_insert_comment(['comment_post_ID' => \$post, 'comment_content' => "Comment \$i", 'comment_author' => 'Reader', 'comment_approved' => 1]);
echo "\$post \$draft";
PHP
set -- $(php "$dir/install.php"); post=$1 draft=$2
php -S "localhost:$port" -t "$dir/site" >"$dir/php.log" 2>&1 &
php=$!
i=0; until curl -sf -o /dev/null "$blog/"; do i=$((i + 1)); [ $i -lt 60 ] || { tail "$dir/php.log"; exit 1; }; sleep 0.5; done

failed=0
check() { # what, want, got
  if [ "$2" = "$3" ]; then echo "ok   $1"; else echo "FAIL $1: $3, not $2"; failed=1; fi
}
jar="$dir/cookies"
snippets() { curl -s "$@" | grep -c 'data-site="localhost"' || true; }
curl -s -o /dev/null -c "$jar" -b 'wordpress_test_cookie=WP%20Cookie%20check' -d 'log=author&pwd=correct+horse+battery&testcookie=1' "$blog/wp-login.php"

check "the front page has the snippet" 1 "$(snippets "$blog/")"
check "a post has it" 1 "$(snippets "$blog/?p=$post")"
check "a page of comments has it" 1 "$(snippets "$blog/?p=$post&cpage=2")"
check "a search has it" 1 "$(snippets "$blog/?s=words")"
check "an author who is logged in does not" 0 "$(snippets -b "$jar" "$blog/?p=$post")"
check "a preview does not" 0 "$(snippets -b "$jar" "$blog/?p=$draft&preview=true")"
check "a preview of a post that is out does not" 0 "$(snippets "$blog/?p=$post&preview=true")"
check "the customizer's frame does not" 0 "$(snippets -b "$jar" "$blog/?customize_changeset_uuid=00000000-0000-4000-8000-000000000000&customize_theme=twentytwentythree&customize_messenger_channel=preview-0")"
check "the post's embedding does not" 0 "$(snippets "$blog/?p=$post&embed=true")"
check "the feed does not" 0 "$(snippets "$blog/?feed=rss2")"

chromium=$(command -v chromium || command -v google-chrome || true)
if [ -z "$chromium" ] || [ -z "$token" ]; then echo "readers are not tried: no Chromium, or no token"; exit $failed; fi
visit() {
  "$chromium" --headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync \
    --user-data-dir="$dir/chromium" --virtual-time-budget=4000 --dump-dom "$1" >/dev/null 2>&1 || true
}
pages() {
  curl -s "$earshot/api/v2/query" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -H 'Accept: text/csv' \
    -d '{"site_id":"localhost","metrics":["pageviews"],"dimensions":["event:page"],"date_range":"day"}' | tail -n +2 | tr -d '\r' | sort
}
id=1aBcDeFgHi
for path in "/" "/?p=$post" "/?p=$post&cpage=2" "/?utm_source=x&p=$post#comment-3" "/?s=words" "/?s=other+words" \
  "/?p=$post&amp;es=$id" "/?p=$post&#038;es=$id" "/?p=$post%26es=$id" "/?cat=1"; do visit "$blog$path"; done
i=0; until [ "$(pages | wc -l)" -ge 4 ] || [ $i -ge 40 ]; do i=$((i + 1)); sleep 0.5; done; sleep 2
pages
check "posts, searches and categories are pages" "/ /?cat=1 /?p=$post /?s" "$(pages | sed 's/,[0-9]*$//; s/"//g' | LC_ALL=C sort | tr '\n' ' ' | sed 's/ $//')"
exit $failed
