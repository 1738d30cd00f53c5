#!/usr/bin/env bash
# Writes a CSV file that was made up for a demonstration; the same time gives the same bytes, another one other rows.
#
# Usage: data.sh crash|drift SECONDS_SINCE_1970 >FILE
#   crash: 5,000 rows with the header of the seeds' file, 50 coins, one each 9 s until then. The milliseconds keep the rows of two calls
#          apart, however short the time between them.
#   drift: 1,200 rows of 40 coins, one each minute until then, with other column names, whose timestamp is text in the first half and an
#          integer in the second.
set -euo pipefail
kind=${1:?usage: data.sh crash|drift SECONDS_SINCE_1970}
now=${2:?usage: data.sh crash|drift SECONDS_SINCE_1970}

# symbol, name, price, supply
coins='BTC Bitcoin 67480.12 19710000|ETH Ethereum 3512.44 120200000|USDT Tether 1.0002 112400000000|BNB BNB 584.31 153900000
SOL Solana 148.67 462300000|USDC USDC 0.9999 32900000000|XRP XRP 0.5214 55500000000|DOGE Dogecoin 0.15873 144600000000
ADA Cardano 0.4521 35700000000|TON Toncoin 6.842 3470000000|SHIB Shiba_Inu 0.00002431 589260000000000|AVAX Avalanche 35.18 393000000
TRX TRON 0.11762 87500000000|DOT Polkadot 7.153 1430000000|LINK Chainlink 16.92 587000000|BCH Bitcoin_Cash 478.6 19700000
NEAR NEAR_Protocol 7.311 1080000000|LTC Litecoin 83.27 74500000|MATIC Polygon 0.6982 9900000000|UNI Uniswap 9.874 598000000
ICP Internet_Computer 12.04 464000000|PEPE Pepe 0.00001482 420690000000000|DAI Dai 1.0001 5350000000|ETC Ethereum_Classic 28.91 147000000
APT Aptos 8.772 441000000|RENDER Render 10.13 389000000|HBAR Hedera 0.1013 35700000000|ATOM Cosmos 8.423 391000000
FIL Filecoin 5.897 553000000|XLM Stellar 0.10862 28900000000|ARB Arbitrum 1.122 2890000000|STX Stacks 2.074 1460000000
OP Optimism 2.447 1090000000|IMX Immutable 2.208 1480000000|MKR Maker 2714.5 927000|VET VeChain 0.03421 72700000000
INJ Injective 27.68 93400000|SUI Sui 1.054 2420000000|GRT The_Graph 0.3127 9480000000|XMR Monero 168.92 18400000
RUNE THORChain 6.213 335000000|AAVE Aave 97.34 14800000|ALGO Algorand 0.1762 8170000000|QNT Quant 90.61 12100000
EGLD MultiversX 38.87 26900000|SAND The_Sandbox 0.4189 2270000000|MANA Decentraland 0.4237 1900000000|XTZ Tezos 0.9412 984000000
EOS EOS 0.8163 1120000000|KAVA Kava 0.6704 1080000000'

tr '|' '\n' <<<"$coins" | awk -v kind="$kind" -v now="$now" '
    { symbol[NR] = $1; name[NR] = $2; gsub("_", " ", name[NR]); price[NR] = $3; supply[NR] = $4 }
    # As many digits as such prices are quoted with.
    function digits(value) { return value >= 1 ? sprintf("%.4f", value) : sprintf("%.10f", value) }
    function time(seconds, fraction) { return strftime("%Y-%m-%dT%H:%M:%S", seconds, 1) fraction "Z" }
    END {
        srand(now)
        if (kind == "crash") {
            print "ticker,usd_price,tx_volume,time,source"
            fraction = sprintf(".%03d", now % 1000)
            for (sample = 99; sample >= 0; sample--) {
                for (coin = 1; coin <= 50; coin++) {
                    price[coin] *= 1 + (rand() - 0.5) / 500
                    volume = price[coin] * supply[coin] * (0.02 + rand() / 200)
                    printf "%s,%s,%.2f,%s,demo\n", symbol[coin], digits(price[coin]), volume, time(now - 1 - sample * 9, fraction)
                }
            }
        } else if (kind == "drift") {
            print "symbol,coin_name,price_in_usd,vol_24h,market_capitalization,change_24h,timestamp,timestamp_unix"
            for (coin = 1; coin <= 40; coin++) change[coin] = (rand() - 0.45) * 9
            for (sample = 29; sample >= 0; sample--) {
                for (coin = 1; coin <= 40; coin++) {
                    change[coin] += (rand() - 0.5) / 5
                    price[coin] *= 1 + (rand() - 0.5) / 500
                    cap = price[coin] * supply[coin]
                    at = now - sample * 60
                    printf "%s,%s,%s,%.2f,%.2f,%.2f,%s,%d\n", symbol[coin], name[coin], digits(price[coin]), cap * (0.02 + rand() / 200), cap,
                        change[coin], (sample >= 15 ? time(at, "") : at), at
                }
            }
        } else {
            print "data.sh: " kind " is neither crash nor drift" >"/dev/stderr"
            exit 2
        }
    }'
