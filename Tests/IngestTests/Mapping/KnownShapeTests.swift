import Logging
import MarketData
import Synchronization
import Testing

@testable import Ingest
@testable import TickerStore

/// A decision is made once a shape and kept; the number of the schema tells how often that changed.
@Suite struct KnownShapeTests {
    private static let row = "BTC,100.5,2024-12-15T14:30:00Z\n"

    @Test func aFirstShapeIsNumberOneAndTheNextOneTwo() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,price_usd,timestamp\n" + Self.row)
        #expect(try await bench.run().schemaVersion == 1)
        try bench.put("b.csv", "symbol,price_usd,timestamp,rank\n" + "ETH,5,2024-12-15T14:30:00Z,2\n")
        let second = try await bench.run()
        #expect(second.schemaVersion == 2 && second.inserted == 1, "\(second)")
        #expect(second.unmappedFields.map(\.field) == ["rank"])
        try bench.restart()
        try bench.put("c.csv", "timestamp,rank,symbol,price_usd\n" + "2024-12-15T14:30:00Z,3,XRP,2\n")
        let third = try await bench.run()
        #expect(third.schemaVersion == 2 && third.inserted == 1, "other order, same names: \(third)")
    }

    @Test func fieldsThatGiveNothingAreAmongTheMappings() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,price_usd,timestamp,rank,source\n" + "BTC,100.5,2024-12-15T14:30:00Z,1,x\n")
        let run = try await bench.run()
        #expect(run.unmappedFields.map(\.field) == ["rank"])
        func unmapped() throws -> [String] { try bench.runs.mappings(source: "csv").filter { $0.status == .unmapped }.map(\.from) }
        #expect(try unmapped() == ["rank"])
        try bench.restart()
        #expect(try unmapped() == ["rank"])
        _ = try bench.runs.change(MappingChange(action: .forbid, source: "csv", field: "rank", target: nil))
        #expect(try unmapped().isEmpty)
    }

    @Test func inputThatIsNotReadChangesNothing() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,price_usd,timestamp\n" + Self.row)
        try bench.put("b.csv", "symbol,price_usd,timestamp,rank\n" + "ETH,5,2024-12-15T14:30:00Z,2\n")
        #expect(try await bench.run().schemaVersion == 2)
        let again = try await bench.run()
        #expect(again.schemaVersion == 2 && again.inserted == 0 && again.skipped == 2 && again.unmappedFields.isEmpty, "\(again)")
    }

    @Test func aTimestampThatBecomesAnIntegerIsToldOnceAndRaisesTheNumberOnce() async throws {
        let bench = try Workbench()
        let integers = (1...5).map { "BTC,\($0),17\($0)0000000\n" }.joined()
        try bench.put("a.csv", "symbol,price_usd,timestamp\n" + Self.row + integers)
        let run = try await bench.run()
        #expect(run.inserted == 6 && run.schemaVersion == 2, "\(run)")
        #expect(run.typeChanges == [.init(source: "csv", field: "timestamp", from: "string", to: "integer")])
        try bench.restart()
        try bench.put("b.csv", "symbol,price_usd,timestamp\n" + "ETH,1,1710000000\nETH,2,2024-12-15\n")
        let next = try await bench.run()
        #expect(next.inserted == 2 && next.typeChanges.isEmpty && next.schemaVersion == 2, "both types are known now: \(next)")
    }

    @Test func aBadValueIsNoNewType() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,price_usd,timestamp\n" + Self.row + "ETH,1,12\n")
        let run = try await bench.run()
        #expect(run.quarantined == 1 && run.typeChanges.isEmpty && run.schemaVersion == 1, "\(run)")
    }

    @Test func onlyWhatIsNewAndUndecidedCountsAsDrift() {
        let registry = SchemaRegistry()
        func match(_ from: String, _ to: TickerField, _ origin: SchemaDecision.Origin) -> SchemaDecision.Match {
            .init(from: from, to: to, confidence: 90, reasons: [], origin: origin)
        }
        var decision = SchemaDecision()
        decision.matches = [match("s", .symbol, .exact), match("p", .price, .inferred), match("t", .timestamp, .approved)]
        decision.candidates = [match("v", .volume, .inferred)]
        let counts = Dictionary(uniqueKeysWithValues: IngestMetrics.mappings(decision))
        #expect(counts == [.applied: 1, .quarantined: 1], "what is approved is decided")
        func isUnknown(_ names: [String]) -> Bool {
            registry.answer(.init(source: "api", names: names, rules: SchemaRules(), isOpen: false)) { _, _ in decision }.isUnknown
        }
        #expect(isUnknown(["s", "p", "t", "v"]))
        #expect(!isUnknown(["s", "p", "t", "v"]))
        var changes = 0
        for change: (inout SchemaApprovals) -> Void in [{ $0.approve("p", .price) }, { $0.forbid("v", .volume) }, { $0.reset(nil) }] {
            registry.change("api", change) { _ in changes += 1 }
            #expect(!isUnknown(["s", "p", "t", "v"]), "after change \(changes)")
        }
        #expect(isUnknown(["s", "p", "t", "w"]))
    }

    @Test func whatAPersonApprovesIsUsedAndTheFileIsReadAgain() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,odd,timestamp\n" + Self.row)
        let first = try await bench.run()
        #expect(first.inserted == 0 && first.quarantined == 1 && first.status == .failed)
        #expect(bench.quarantineReasons == ["unmapped_required": 1])
        #expect(throws: MappingChange.Failure.self) {
            try bench.runs.change(.init(action: .approve, source: "csv", field: "odd", target: "price"))
        }
        _ = try bench.runs.change(.init(action: .approve, source: "csv", field: "odd", target: "price_usd"))
        try bench.restart()
        let second = try await bench.run()
        #expect(second.inserted == 1 && second.schemaVersion == 2, "a changed decision of a known shape: \(second)")
        #expect(second.appliedMappings == [.init(source: "csv", from: "odd", to: "price_usd", confidence: 100, reasons: ["approved"])])
        #expect(bench.runs.recentRun(id: second.runID)?.line.isEmpty == false)
        _ = try bench.runs.change(.init(action: .forbid, source: "csv", field: "odd", target: "price_usd"))
        let third = try await bench.run()
        #expect(third.inserted == 0 && third.quarantined == 1 && third.schemaVersion == 3, "\(third)")
        #expect(try bench.runs.mappings(source: "csv").first { $0.from == "odd" }?.status == .forbidden)
        _ = try bench.runs.change(.init(action: .reset, source: "csv", field: nil, target: nil))
        #expect(try await bench.run().schemaVersion == 3, "looked at anew, and it came out the same")
    }

    @Test func whatPeopleSayOfAShapeIsNotToldAsNews() async throws {
        let bench = try Workbench()
        let told = Mutex<[String]>([])
        bench.environment.logger = Logger(label: "test") { _ in
            CapturingHandler { line in if line.contains("fields of a") { told.withLock { $0.append(line) } } }
        }
        try bench.restart()
        try bench.put("a.csv", "symbol,odd,timestamp\n" + Self.row)
        _ = try await bench.run()
        var lines = told.withLock { $0 }
        #expect(lines.count == 1 && lines[0].contains("new shape: gives nothing: odd"), "\(lines)")
        _ = try bench.runs.change(.init(action: .approve, source: "csv", field: "odd", target: "price_usd"))
        #expect(try await bench.run().inserted == 1)
        _ = try bench.runs.change(.init(action: .forbid, source: "csv", field: "odd", target: nil))
        _ = try await bench.run()
        lines = told.withLock { $0 }
        #expect(lines.count == 1, "\(lines)")
        _ = try bench.runs.change(.init(action: .reset, source: "csv", field: nil, target: nil))
        _ = try await bench.run()
        _ = try bench.runs.change(.init(action: .approve, source: "csv", field: "odd", target: "price_usd"))
        _ = try await bench.run()
        // Now it gives something, and looked at anew it gives nothing.
        _ = try bench.runs.change(.init(action: .reset, source: "csv", field: nil, target: nil))
        _ = try await bench.run()
        lines = told.withLock { $0 }
        #expect(lines.count == 2 && lines[1].contains("fields of a known shape, looked at anew: gives nothing: odd"), "\(lines)")
    }

    @Test func ofTwoApprovedFieldsEachFormUsesItsOwn() async throws {
        let bench = try Workbench()
        for field in ["odd", "even"] {
            _ = try bench.runs.change(.init(action: .approve, source: "csv", field: field, target: "price_usd"))
        }
        try bench.put("a.csv", "symbol,odd,timestamp\n" + Self.row)
        try bench.put("b.csv", "symbol,even,timestamp\n" + "ETH,5,2024-12-15T14:30:00Z\n")
        #expect(try await bench.run().inserted == 2)
    }

    @Test func whatManyPeopleSayAtOnceIsAllWrittenDown() async throws {
        let bench = try Workbench()
        await withTaskGroup { group in
            for number in 0..<16 {
                group.addTask { [runs = bench.runs] in
                    _ = try? runs.change(.init(action: .forbid, source: "csv", field: "f\(number)", target: nil))
                }
            }
        }
        try bench.restart()
        #expect(try bench.runs.mappings(source: "csv").count { $0.status == .forbidden } == 16)
    }

    @Test func anExactNameThatIsForbiddenGivesNothing() async throws {
        let bench = try Workbench()
        _ = try bench.runs.change(.init(action: .forbid, source: "csv", field: "volume_24h", target: nil))
        try bench.put("a.csv", "symbol,price_usd,timestamp,volume_24h\n" + "BTC,1,2024-12-15T14:30:00Z,7\n")
        #expect(try await bench.run().inserted == 1)
        #expect(try bench.lines()[0].contains("\"volume_24h\":null"))
    }

    @Test func aKilledRunHasToldWhatItFound() async throws {
        let (bench, other) = (try Workbench(), try Workbench())
        _ = try bench.runs.change(.init(action: .approve, source: "csv", field: "odd", target: "price_usd"))
        try bench.put("a.csv", "symbol,odd,timestamp\n" + Self.row)
        let run = try await bench.run()
        let told = bench.history.filter { $0.key == RunState.mappingsKey(run.sequence) && $0.value != nil }
        var state = Batch(origin: BatchOrigin(runID: run.runID, number: 0, source: "", fetchedAt: .earliest))
        let changes = [RunState.start(run)] + told
        state.state = { _ in changes }
        _ = try other.store.commit(state)
        try other.restart()
        let killed = try #require(other.runs.recentRun(id: run.runID))
        #expect(killed.status == .failed && killed.appliedMappings.map(\.from) == ["odd"], "\(killed)")
        #expect(
            other.history.contains { $0.key == RunState.mappingsKey(run.sequence) && $0.value == nil },
            "nothing of an ended run stays in the state"
        )
    }
}

/// What the registry makes of names that come and go.
@Suite struct OpenShapeTests {
    private static func question(_ names: [String], current: String? = nil) -> SchemaRegistry.Question {
        var rules = SchemaRules()
        rules.declared = [.init(from: "/s", to: .symbol), .init(from: "/p", to: .price), .init(from: "/t", to: .timestamp)]
        return SchemaRegistry.Question(source: "api", names: names, rules: rules, isOpen: true, current: current)
    }

    private static func answer(_ registry: SchemaRegistry, _ question: SchemaRegistry.Question) -> SchemaRegistry.Answer {
        registry.answer(question) { rules, _ in
            var sample = SchemaSample()
            sample.fields = question.names.map { SampledField(name: $0, path: [String($0.dropFirst())]) }
            return SchemaMapper(rules: rules).decide(sample)
        }
    }

    @Test func optionalFieldsOfOneWalkAreOneShape() {
        let registry = SchemaRegistry()
        let first = Self.answer(registry, Self.question(["/s", "/p", "/t"]))
        let second = Self.answer(registry, Self.question(["/s", "/p", "/t", "/zzz"], current: first.shape.id))
        #expect(!second.isBump && second.shape.id == first.shape.id && registry.version == 1)
        #expect(second.shape.decision.unmapped == ["/zzz"])
        let later = Self.answer(SchemaRegistry(registry.takeUnstored().map { ($0.key, $0.value!) }), Self.question(["/t", "/p", "/s"]))
        #expect(!later.isNew && later.shape.id == first.shape.id, "fewer names are the same shape, after a restart too")
    }

    @Test func aNameThatANewRunBringsIsANewShape() {
        let registry = SchemaRegistry()
        _ = Self.answer(registry, Self.question(["/s", "/p", "/t"]))
        let second = Self.answer(registry, Self.question(["/s", "/p", "/t", "/zzz"]))
        #expect(second.isBump && registry.version == 2)
    }

    @Test func aRequiredFieldThatIsGoneIsANewShape() {
        let registry = SchemaRegistry()
        let first = Self.answer(registry, Self.question(["/s", "/p", "/t"]))
        let second = Self.answer(registry, Self.question(["/s", "/t"]))
        #expect(second.isBump && second.shape.id != first.shape.id && second.shape.decision.missing == [.price])
    }

    @Test func whatIsNullOnOnePageAndAnObjectOnAnotherIsOneField() {
        let registry = SchemaRegistry()
        _ = Self.answer(registry, Self.question(["/s", "/p", "/t", "/roi/times"]))
        #expect(!Self.answer(registry, Self.question(["/s", "/p", "/t", "/roi"])).isNew)
    }

    @Test func aNameThatGoesWhileAnotherOfItsKindStaysIsANewShape() {
        let registry = SchemaRegistry()
        func question(_ names: [String]) -> SchemaRegistry.Question {
            .init(source: "api", names: names, rules: SchemaRules(), isOpen: true, current: nil)
        }
        let both = ["/symbol", "/price_usd", "/timestamp", "/volume_24h", "/vol_24h"]
        #expect(Self.answer(registry, question(both)).shape.decision.candidates.map(\.from) == ["/vol_24h"])
        let later = Self.answer(registry, question(both.filter { $0 != "/volume_24h" }))
        #expect(later.isNew && later.shape.decision.match(for: .volume)?.from == "/vol_24h", "\(later)")
    }

    @Test func aWalkWhoseNamesNeverEndFillsNoState() {
        let registry = SchemaRegistry()
        let first = Self.answer(registry, Self.question(["/s", "/p", "/t"]))
        for page in 0..<20 {
            let names = ["/s", "/p", "/t"] + (0..<100).map { "/n\(page)_\($0)" }
            _ = Self.answer(registry, Self.question(names, current: first.shape.id))
        }
        #expect(registry.shapes(of: "api").count == 1 && registry.shapes(of: "api")[0].names.count <= RecordNames.maximumNames)
    }

    @Test func oneOddRecordHidesNoFieldOfTheOthers() throws {
        let text = #"[{"p":1,"m":null},{"p":{"amount":2},"m":{"x":1}}]"#
        let names = RecordNames(PageRecords(try JSONDocument(parsing: Array(text.utf8)).root, form: .array)).names
        #expect(names == ["/p", "/p/amount", "/m/x"])
        let days = (0..<100).map { "\"d\($0)\":1" }.joined(separator: ",")
        let map = "[{\"s\":1,\"days\":{\(days)}}]"
        #expect(RecordNames(PageRecords(try JSONDocument(parsing: Array(map.utf8)).root, form: .array)).names == ["/s", "/days"])
    }

    @Test func whatACommitCouldNotStoreGoesWithTheNextOne() {
        let registry = SchemaRegistry()
        _ = Self.answer(registry, Self.question(["/s", "/p", "/t"]))
        let changes = registry.takeUnstored()
        #expect(!changes.isEmpty && registry.takeUnstored().isEmpty)
        registry.putBack(changes)
        #expect(registry.takeUnstored() == changes)
    }

    @Test func ofManyShapesTheOldestAreForgotten() {
        let registry = SchemaRegistry()
        for number in 0..<150 { _ = Self.answer(registry, Self.question(["/s", "/p", "/t", "/n\(number)"])) }
        #expect(registry.shapes(of: "api").count == 100 && registry.version == 150)
        #expect(registry.takeUnstored().count { $0.value == nil } == 50, "their keys go out of the state")
    }

    @Test func namesAreFoundSomeLevelsDeepAndInOrder() throws {
        let text = #"[{"a":1,"b":{"c":null,"d/e":2},"f":null},{"a":2,"f":{"g":1},"h":[1,{"x":1}]}]"#
        let names = RecordNames(PageRecords(try JSONDocument(parsing: Array(text.utf8)).root, form: .array)).names
        #expect(names == ["/a", "/b/c", "/b/d~1e", "/f/g", "/h"])
    }
}
