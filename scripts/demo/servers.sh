# The real servers of the demo, each as its own unprivileged user. Sourced by demo.sh.

readonly file_bytes=$((1024 * 1024 * 1024))

start_nginx() { # POD
  local pod=$1 dir=$state/$1/nginx
  mkdir -p "$dir/www"
  # 1 GiB that no compression and no sparse file can shorten: zeros through AES in counter mode.
  head -c "$file_bytes" /dev/zero \
    | openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff -iv 00000000000000000000000000000000 \
    | tee "$dir/www/1GiB" | sha256sum | cut -d' ' -f1 >"$dir/1GiB.sha256"
  cat >"$dir/nginx.conf" <<CONF
daemon off;
worker_processes 1;
pid $dir/nginx.pid;
error_log stderr warn;
events {}
http {
  access_log off;
  client_body_temp_path $dir/t1; proxy_temp_path $dir/t2; fastcgi_temp_path $dir/t3; uwsgi_temp_path $dir/t4; scgi_temp_path $dir/t5;
  sendfile on;
  root $dir/www;
  server {
    listen 0.0.0.0:8080;
    listen [::]:8080 ipv6only=on;
    location = / { return 200 "Hello from nginx in $pod. I see you as \$remote_addr.\n"; }
  }
  server { listen 0.0.0.0:8081; location / { return 200 "web v1\n"; } }
  server { listen 0.0.0.0:8082; location / { return 200 "web v2\n"; } }
}
CONF
  chown -R www-data: "$dir"
  start "$pod" www-data www-data nginx nginx -c "$dir/nginx.conf"
}

start_redis() { # POD
  local dir=$state/$1/redis
  mkdir -p "$dir"
  chown redis: "$dir"
  start "$1" redis redis redis redis-server --port 6379 --bind 0.0.0.0 :: --protected-mode no --unixsocket "$dir/socket" \
    --dir "$dir" --save '' --appendonly no
}

start_mariadb() { # POD
  local dir=$state/$1/mariadb
  mkdir -p "$dir"
  cat >"$dir/init.sql" <<'SQL'
CREATE DATABASE shop;
CREATE TABLE shop.orders (id INT AUTO_INCREMENT PRIMARY KEY, item VARCHAR(40));
CREATE USER 'demo'@'%';
GRANT ALL ON shop.* TO 'demo'@'%';
SQL
  chown -R mysql: "$dir"
  setpriv --reuid mysql --regid mysql --clear-groups mariadb-install-db --no-defaults --datadir="$dir/data" \
    --auth-root-authentication-method=normal --skip-test-db >"$state/$1/mariadb.log" 2>&1
  start "$1" mysql mysql mariadb mariadbd --no-defaults --datadir="$dir/data" --socket="$dir/socket" --pid-file="$dir/pid" --port=3306 \
    --bind-address='*' --skip-name-resolve --innodb-buffer-pool-size=16M --performance-schema=off --tmpdir="$dir" --init-file="$dir/init.sql"
}

# Asked inside the pod and past the network: nothing of this is anybody's conversation.
wait_for_servers() {
  wait_until nginx in_pod shop nobody nogroup curl --silent --fail http://127.0.0.1:8080/
  wait_until redis in_pod store redis redis redis-cli -s "$state/store/redis/socket" ping
  wait_until MariaDB in_pod data mysql mysql mariadb --no-defaults --socket="$state/data/mariadb/socket" --user=demo --execute='SELECT 1' shop
}
