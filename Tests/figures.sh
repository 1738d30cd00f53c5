# A made-up history to load, and what turns times into figures; sourced by the benchmarks.

# make_history ROWS FILE [BEGIN]: hourly samples of 200 symbols from BEGIN, in seconds since 1970; the prices wander by a fixed seed, so that
# every run loads the same bytes. The first symbol is BTC.
make_history() {
    awk -v rows="$1" -v begin="${3:-1704067200}" 'BEGIN {
        srand(7)
        print "symbol,name,price_usd,volume_24h,market_cap,percent_change_24h,timestamp"
        for (i = 0; i < 200; i++) price[i] = exp(rand() * 20 - 8)
        for (row = 0; row < rows; row++) {
            i = row % 200
            change = (rand() - 0.5) * 4
            price[i] *= 1 + change / 100
            time = strftime("%Y-%m-%dT%H:%M:%SZ", begin + int(row / 200) * 3600, 1)
            symbol = i == 0 ? "BTC" : sprintf("C%03d", i)
            printf "%s,Coin %03d,%.10g,%.2f,%.2f,%.2f,%s\n", symbol, i, price[i], price[i] * 3e6, price[i] * 1e8, change, time
        }
    }' >"$2"
    echo "$1 rows, $(stat -c %s "$2") bytes, $(nproc) cores"
}

# Of the numbers on the lines of its input.
median() { sort -g | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }

seconds() { date +%s.%N; }
elapsed() { awk -v from="$1" -v to="$2" 'BEGIN { printf "%.2f", to - from }'; }

# calculate EXPRESSION [DIGITS]: its value.
calculate() { awk "BEGIN { printf \"%.${2:-2}f\", $1 }"; }

# verdict CONDITION: ok where it holds, else MISSED.
verdict() { awk "BEGIN { print (($1) ? \"ok\" : \"MISSED\") }"; }
