import MarketData
import Testing

@testable import Ingest
@testable import TickerStore

/// A file whose columns were renamed loads by itself, and the run says how (spec section 4).
@Suite struct DriftTests {
    /// Twenty coins, twice: timestamps are text first and integers then.
    private static let file: String = {
        let coins = (0..<40).map { row in
            let (coin, seconds) = (row % 20, 1_734_273_000 + row)
            let time = row < 20 ? Timestamp(milliseconds: Int64(seconds) * 1_000).description : "\(seconds)"
            return "C\(coin),Coin \(coin),\(coin + 1).25,\(coin + 1)000000,\(coin + 1)0000000,\(coin - 9).5,\(time),\(seconds)\n"
        }
        return "symbol,coin_name,price_in_usd,vol_24h,market_capitalization,change_24h,timestamp,timestamp_unix\n" + coins.joined()
    }()

    @Test func renamedColumnsAndATypeThatFlipsLoseNoRow() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", seedHeader + "BTC,1,2,2024-12-15T14:30:00Z,x\n")
        #expect(try await bench.run().schemaVersion == 1)
        try bench.put("b.csv", Self.file)
        let run = try await bench.run()
        #expect(run.inserted == 40 && run.quarantined == 0 && run.status == .success, "\(run)")
        #expect(run.schemaVersion == 2, "a new shape and its new type raise it once")
        let applied = Dictionary(uniqueKeysWithValues: run.appliedMappings.map { ($0.from, $0) })
        #expect(applied["price_in_usd"]?.to == "price_usd" && applied["price_in_usd"]!.confidence >= 80)
        #expect(
            applied.mapValues(\.to) == [
                "coin_name": "name", "price_in_usd": "price_usd", "vol_24h": "volume_24h", "market_capitalization": "market_cap",
                "change_24h": "percent_change_24h",
            ]
        )
        #expect(run.quarantinedMappings.map { "\($0.from) \($0.to)" } == ["timestamp_unix timestamp"])
        #expect(run.typeChanges == [.init(source: "csv", field: "timestamp", from: "string", to: "integer")])
        #expect(
            try bench.lines().last?.contains(
                #""symbol":"C19","name":"Coin 19","price_usd":20.25,"volume_24h":20000000,"market_cap":200000000,"percent_change_24h":10.5"#
            ) == true
        )
        let again = try await bench.run()
        #expect(again.inserted == 0 && again.skipped == 41 && again.schemaVersion == 2 && again.appliedMappings.isEmpty, "\(again)")
    }

    @Test func aColumnThatCannotBePriceDropsOutAndItsRowsWait() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,price_krw,timestamp\n" + "BTC,150000000,2024-12-15T14:30:00Z\n")
        let run = try await bench.run()
        #expect(run.inserted == 0 && run.quarantined == 1, "another currency is no dollar: \(run)")
        #expect(bench.quarantineReasons.keys.contains { $0.hasPrefix("unmapped_required") }, "\(bench.quarantineReasons)")
    }

    @Test func aFrozenSourceInfersNothing() async throws {
        let bench = try Workbench()
        bench.sources[0].schemaMode = .freeze
        try bench.restart()
        try bench.put("b.csv", Self.file)
        let run = try await bench.run()
        #expect(run.inserted == 0 && run.quarantined == 40 && run.appliedMappings.isEmpty, "\(run)")
    }
}
