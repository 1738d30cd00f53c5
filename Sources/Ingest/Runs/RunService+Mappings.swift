import MarketData
import Synchronization
import TickerStore

// What people say about mappings.

extension RunService {
    /// What is known of the mappings of one source, or of all.
    ///
    /// - Throws: when there is no such source.
    package func mappings(source: String?) throws(MappingChange.Failure) -> [MappingEntry] {
        if let source { try checkName(source) }
        return definitions.filter { source == nil || $0.name == source }.flatMap { schemas.entries(of: $0.name) }
    }

    /// Takes down what a person says; it counts from the next records on. Blocks for a commit.
    ///
    /// - Returns: what it came to, in a sentence, and what to do next.
    /// - Throws: when the source or the field of ours is unknown, or the store cannot take it.
    package func change(_ change: MappingChange) throws(MappingChange.Failure) -> String {
        try checkName(change.source)
        let shapes = schemas.shapes(of: change.source)
        var isPointer = false
        if case .http? = definitions.first(where: { $0.name == change.source })?.kind { isPointer = true }
        guard let name = change.name(in: shapes, isPointer: isPointer) else {
            guard change.action == .reset else {
                throw MappingChange.Failure(description: "which field of \(change.source)? Name it as its records do")
            }
            try commit(change.source) { $0.reset(nil) }
            return "forgot what was said about \(change.source); its fields are looked at anew with its next records"
        }
        let target = try change.target(of: name, in: shapes)
        try commit(change.source) { approvals in
            switch change.action {
            case .approve: if let target { approvals.approve(name, target) }
            case .forbid: approvals.forbid(name, target)
            case .reset: approvals.reset(name)
            }
        }
        let isKnown = shapes.contains { $0.nameSet.contains(name) }
        let note = isKnown ? "" : " (no record of \(change.source) has had such a field so far)"
        switch change.action {
        case .approve:
            return "\(name) of \(change.source) gives \(target?.rawValue ?? "") from now on\(note); records that wait for it:"
                + " kasparro quarantine replay --source \(change.source)"
        case .forbid: return "\(name) of \(change.source) does not give \(target?.rawValue ?? "anything") from now on\(note)"
        case .reset: return "forgot what was said about \(name) of \(change.source); it is looked at anew with the next records\(note)"
        }
    }

    private func commit(_ source: String, _ change: (inout SchemaApprovals) -> Void) throws(MappingChange.Failure) {
        try sayings.withLock { _ throws(MappingChange.Failure) in try store(source, change) }
    }

    private func store(_ source: String, _ change: (inout SchemaApprovals) -> Void) throws(MappingChange.Failure) {
        try schemas.change(source, change) { change throws(MappingChange.Failure) in
            var batch = Batch(origin: BatchOrigin(runID: "", number: 0, source: source, fetchedAt: Timestamp(milliseconds: environment.now().wall)))
            batch.state = { _ in [change] }
            do throws(StoreError) {
                _ = try store.commit(batch)
            } catch {
                throw MappingChange.Failure(description: error.message, isOfStore: true)
            }
        }
    }

    private func checkName(_ source: String) throws(MappingChange.Failure) {
        let known = definitions.map(\.name)
        if known.contains(source) { return }
        let nearest = NearestName.of(source, among: known).map { "; did you mean \($0)?" } ?? ""
        throw MappingChange.Failure(description: "there is no source “\(source)”; known are \(known.joined(separator: ", "))\(nearest)")
    }
}
