import TestSupport
import Testing

@testable import Ingest

/// One thing that goes wrong at a server we ask, and what must become of it.
struct Fault: Sendable, CustomTestStringConvertible {
    /// Which source asks.
    enum Asker: Sendable {
        /// CoinPaprika's shape: one page of all coins.
        case page
        /// CoinGecko's shape: at most four pages, until one is empty.
        case pages
        /// An RSS feed.
        case feed
    }

    /// The situation.
    let name: String
    var asker = Asker.page
    /// What the server does, request by request; the last one for all that follow.
    let scripts: @Sendable (FaultSite) throws -> [Script]
    /// Changes what the source declares.
    var declare: @Sendable (inout Upstream, FaultSite) -> Void = { _, _ in }

    // What is expected.

    /// Rows stored.
    var stored = 0
    /// Records in quarantine, by reason.
    var quarantined: [String: Int] = [:]
    /// The type of the one error that the run shows; nil: none.
    var error: RunRecord.ErrorType?
    /// Requests that reached the server.
    var requests = 1
    /// What the error says, among other things.
    var says = ""
    /// What must also hold: nil, or what is wrong.
    var also: @Sendable (FaultSite, [String]) -> String? = { _, _ in nil }

    init(
        _ name: String,
        _ asker: Asker = .page,
        declare: @escaping @Sendable (inout Upstream, FaultSite) -> Void = { _, _ in },
        stored: Int = 0,
        quarantined: [String: Int] = [:],
        error: RunRecord.ErrorType? = nil,
        requests: Int = 1,
        says: String = "",
        also: @escaping @Sendable (FaultSite, [String]) -> String? = { _, _ in nil },
        scripts: @escaping @Sendable (FaultSite) throws -> [Script]
    ) {
        self.name = name
        self.asker = asker
        self.declare = declare
        self.stored = stored
        self.quarantined = quarantined
        self.error = error
        self.requests = requests
        self.says = says
        self.also = also
        self.scripts = scripts
    }

    var testDescription: String { name }

    /// The fault as a row of the table in the module's documentation.
    var tableRow: String {
        let waiting = quarantined.sorted { $0.key < $1.key }.map { "\($0.value) `\($0.key)`" }.joined(separator: ", ")
        return "| \(name) | \(stored) | \(waiting.isEmpty ? "–" : waiting) | \(error.map { "`\($0.rawValue)`" } ?? "–") | \(requests) |"
    }
}

/// The servers that a fault plays on.
final class FaultSite: Sendable {
    let server = ScriptedServer()
    /// Another host, to be redirected to.
    let other = ScriptedServer(answer: "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]")

    deinit {
        server.stop()
        other.stop()
    }
}

/// Records as the two APIs send them.
enum Coins {
    static func paprika(
        _ symbol: String = "BTC",
        id: String? = nil,
        price: String = "107412.08354117",
        updated: String = "\"2025-11-03T08:41:52Z\"",
        currency: String = "USD",
        more: String = ""
    ) -> String {
        #"{"id":"\#(id ?? symbol.lowercased() + "-coin")","name":"\#(symbol) coin","symbol":"\#(symbol)","rank":1,"last_updated":\#(updated),"#
            + #""quotes":{"\#(currency)":{"price":\#(price),"volume_24h":41220118834.51,"market_cap":0,"percent_change_24h":-0.64}}\#(more)}"#
    }

    static func page(_ records: String...) -> String { "[" + records.joined(separator: ",") + "]" }

    /// Two coins.
    static let good = page(paprika("BTC"), paprika("ETH"))

    static func gecko(_ number: Int) -> String {
        #"{"id":"coin-\#(number)","symbol":"c\#(number)","name":"Coin \#(number)","current_price":\#(number).5,"market_cap":1941062.0,"total_volume":null,"#
            + #""price_change_percentage_24h":-4.17533,"last_updated":"2025-11-03T08:42:31.204Z"}"#
    }

    static func geckos(_ numbers: ClosedRange<Int>) -> String { "[" + numbers.map(gecko).joined(separator: ",") + "]" }
}
