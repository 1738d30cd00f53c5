import TestSupport
import Transfer

@testable import Ingest

/// Bodies that are cut, padded, packed or too much.
let bodyFaults: [Fault] = [
    Fault("truncated JSON in a whole answer", error: .parse) { _ in [.answer(body: String(Coins.good.dropLast(40)))] },
    Fault("a body shorter than its length", error: .network, requests: 3) { _ in
        [.answer(announcing: Coins.good.utf8.count + 100, body: Coins.good)]
    },
    Fault("a body shorter than its length, then well", stored: 2, requests: 2) { _ in
        [.answer(announcing: Coins.good.utf8.count + 100, body: Coins.good), .answer(body: Coins.good)]
    },
    Fault("a body longer than its length", error: .parse) { _ in [.answer(announcing: Coins.good.utf8.count - 40, body: Coins.good)] },
    Fault("a chunked body that is cut", error: .network, requests: 3) { _ in [.chunked("400\r\n" + Coins.good)] },
    Fault("a chunk with a length that is none", error: .network, requests: 3) { _ in [.chunked("zz\r\n[]\r\n0\r\n\r\n")] },
    Fault("a body without length, chunks or end", stored: 2) { _ in [.unframed(.send([UInt8](Coins.good.utf8)))] },
    Fault("a gzip bomb", error: .tooLarge) { _ in
        [.answer(type: "application/json", ["Content-Encoding: gzip"], body: gzip([UInt8](repeating: 0x20, count: 20 << 20)))]
    },
    Fault("damaged gzip", error: .network) { _ in [.answer(type: "application/json", ["Content-Encoding: gzip"], body: "this is no gzip at all")] },
    Fault("truncated gzip", error: .network, requests: 3) { _ in
        [.answer(type: "application/json", ["Content-Encoding: gzip"], body: [UInt8](gzip([UInt8](Coins.good.utf8)).dropLast(12)))]
    },
    Fault("gzip as it should be", stored: 2) { _ in
        [.answer(type: "application/json", ["Content-Encoding: gzip"], body: gzip([UInt8](Coins.good.utf8)))]
    },
    Fault("an encoding that was not asked for", error: .network) { _ in
        [.answer(type: "application/json", ["Content-Encoding: br"], body: Coins.good)]
    },
    Fault("100 MB of spaces", error: .tooLarge) { _ in [.unframed(.sendForEver([UInt8](repeating: 0x20, count: 1 << 20)))] },
    Fault("a length of a gigabyte", error: .tooLarge) { _ in [.answer(announcing: 1 << 30, body: "[")] },
    Fault("10 MB of open brackets", error: .parse) { _ in [.answer(body: [UInt8](repeating: UInt8(ascii: "["), count: 10 << 20))] },
    Fault("a byte order mark", stored: 2) { _ in [.answer(body: [0xEF, 0xBB, 0xBF] + [UInt8](Coins.good.utf8))] },
    Fault("no records but numbers", quarantined: ["not_an_object": 3], error: .data) { _ in [.answer(body: "[1,2,3]")] },
    Fault("a body dripping too slowly", declare: { upstream, _ in upstream.limits.totalTimeout = .milliseconds(300) }, error: .timeout, requests: 3) {
        _ in [.unframed(.drip([UInt8](Coins.good.utf8), pauseMilliseconds: 50))]
    },
]

/// Records that cannot become rows, and some that only look so. Each page has one good coin beside them.
let recordFaults: [Fault] = [
    record(
        "a record nested 100 deep",
        Coins.paprika("ETH", more: ",\"x\":" + String(repeating: "[", count: 100) + String(repeating: "]", count: 100)),
        "too_deep"
    ),
    Fault("invalid UTF-8 in one record", stored: 1, quarantined: ["bad_utf8": 1]) { _ in
        var body = [UInt8](Coins.page(Coins.paprika("BTC"), Coins.paprika("ETH", more: ",\"x\":\"??\"")).utf8)
        let place = body.lastIndex(of: UInt8(ascii: "?"))!
        body[place] = 0xFF
        return [.answer(body: body)]
    },
    record("a lone surrogate in one record", Coins.paprika("ETH", more: #","x":"\ud800""#), "bad_json"),
    record("one key twice in one record", Coins.paprika("ETH", more: #","symbol":"BTC""#), "duplicate_key"),
    record("NaN for a price", Coins.paprika("ETH", price: "NaN"), "not_a_number"),
    record("1E400 for a price", Coins.paprika("ETH", price: "1E400"), "bad_number"),
    record("a negative price", Coins.paprika("ETH", price: "-1.5"), "price_not_positive"),
    record("a price of zero", Coins.paprika("ETH", price: "0"), "price_not_positive"),
    record("a price that is an object", Coins.paprika("ETH", price: "{}"), "bad_price_usd"),
    record("no price", Coins.paprika("ETH", price: "null"), "missing_price_usd"),
    record("a price in won only", Coins.paprika("ETH", currency: "KRW"), "missing_price_usd"),
    record("a timestamp in the future", Coins.paprika("ETH", updated: "\"2026-01-03T00:00:00Z\""), "timestamp_out_of_range"),
    record("a timestamp before there were coins", Coins.paprika("ETH", updated: "\"2008-12-31T23:59:59Z\""), "timestamp_out_of_range"),
    record("no timestamp", Coins.paprika("ETH", updated: "null"), "missing_timestamp"),
    record("a timestamp with the name of a zone", Coins.paprika("ETH", updated: "\"2025-11-03 08:41:52 EST\""), "timestamp_zone_name"),
    record("a symbol of 65 bytes", Coins.paprika(String(repeating: "X", count: 65)), "bad_symbol"),
    record("the same coin twice", Coins.paprika("BTC", price: "2"), "identity_collision"),
    Fault("one record twice, word for word", stored: 1) { _ in [.answer(body: Coins.page(Coins.paprika(), Coins.paprika()))] },
    Fault("30 digits of price", stored: 1, also: { _, lines in lines[0].contains("1234567890.12345678901234567890,") ? nil : lines[0] }) { _ in
        [.answer(body: Coins.page(Coins.paprika(price: "1234567890.12345678901234567890")))]
    },
    Fault("an exponent", stored: 1, also: { _, lines in lines[0].contains(":0.00000000327,") ? nil : lines[0] }) { _ in
        [.answer(body: Coins.page(Coins.paprika(price: "3.27e-9")))]
    },
    Fault("numbers as text", stored: 1, also: { _, lines in lines[0].contains(":12.50,") ? nil : lines[0] }) { _ in
        [.answer(body: Coins.page(Coins.paprika(price: "\"12.50\"")))]
    },
    Fault("a blank that is none in a symbol", stored: 1, also: { _, lines in lines[0].contains(#""symbol":"1COW""#) ? nil : lines[0] }) { _ in
        [.answer(body: Coins.page(Coins.paprika("\\u00a01cow", id: "cow")))]
    },
    Fault("two coins of one symbol", stored: 2) { _ in [.answer(body: Coins.page(Coins.paprika("GRT", id: "a"), Coins.paprika("GRT", id: "b")))] },
]

/// A page with a good coin and this record, which goes to quarantine.
private func record(_ name: String, _ record: String, _ reason: String) -> Fault {
    Fault(name, stored: 1, quarantined: [reason: 1]) { _ in [.answer(body: Coins.page(Coins.paprika("BTC"), record))] }
}
