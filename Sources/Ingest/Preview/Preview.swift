import MarketData
import TickerStore
import Transfer

/// Reads a little of one source as a run would, and stores none of it: `kasparro preview`.
///
/// A server is asked for one page, within its quota. Files are read until there is something to show.
package struct Preview {
    private let definition: SourceDefinition
    private let environment: IngestEnvironment
    /// For a source with a server.
    private let limiter: RateLimiter?
    private let newest: @Sendable (String) -> Timestamp?
    private var schemas: RunSchemas

    /// - Parameter environment: where files are, and what must not be shown.
    package init(of definition: SourceDefinition, environment: IngestEnvironment) {
        self.init(of: definition, environment: environment, limiter: nil) { _ in nil }
    }

    init(
        of definition: SourceDefinition,
        environment: IngestEnvironment,
        limiter: RateLimiter?,
        newest: @escaping @Sendable (String) -> Timestamp?
    ) {
        self.definition = definition
        self.environment = environment
        self.limiter = limiter
        self.newest = newest
        schemas = RunSchemas()
    }

    /// The same, with what a store knows of the sources' shapes; nothing is learnt for it.
    func knowing(_ schemas: RunSchemas) -> Preview {
        var preview = self
        preview.schemas = schemas
        return preview
    }

    /// Whether a preview needs a server's quota, and so the store in which that is kept.
    package static func needsStore(_ definition: SourceDefinition, file: String?) -> Bool { definition.upstream != nil && file == nil }

    /// Looks. Blocks.
    ///
    /// - Parameter file: a file to read in the place of the source's server or inbox.
    package func report(file: String? = nil) -> PreviewReport { report(file: file, CancellationFlag()) }

    /// - Parameter cancellation: raised by whoever wants it to end early, and by the preview itself when it has seen enough.
    func report(file: String? = nil, _ cancellation: CancellationFlag) -> PreviewReport {
        let shown = shortened(file)
        let sink = PreviewSink()
        let run = ActiveRun(
            record: record,
            sources: [shown],
            sink: sink,
            environment: environment,
            cancellation: cancellation,
            isPreview: true,
            schemas: schemas
        )
        sink.onEnough = { cancellation.cancel() }
        if let file, definition.upstream != nil {
            load(file, run)
        } else {
            let limiters = limiter.map { [definition.name: $0] } ?? [:]
            _ = RunExecution(run: run, memory: FileMemory([]), limiters: limiters, checkpoints: [:], newest: newest).execute()
        }
        run.drain()
        return report(of: run, sink.seen, file: file)
    }

    private var record: RunRecord {
        RunRecord(
            sequence: 0,
            runID: "preview_" + environment.randomSuffix(),
            trigger: "cli",
            source: definition.name,
            sources: [definition.name],
            startedAt: Timestamp(milliseconds: environment.now().wall),
            preRunCounts: RunCounts(raw: 0, normalized: 0)
        )
    }

    /// The source with one page, or one file.
    private func shortened(_ file: String?) -> SourceDefinition {
        var shown = definition
        switch shown.kind {
        case .http(var source):
            source.maximumPages = 1
            source.isPageLimitDeclared = true
            shown.kind = .http(source)
        case .csv(var source):
            guard let file else { break }
            source.inbox = file.lastIndex(of: "/").map { $0 == file.startIndex ? "/" : String(file[..<$0]) } ?? "."
            source.extraFiles = [file]
            source.excludedPatterns = ["*"]
            shown.kind = .csv(source)
        case .feed: break
        }
        return shown
    }

    /// Loads a file as if a server had sent it.
    private func load(_ path: String, _ run: ActiveRun) {
        do {
            let body = try read(path)
            let page = HTTPPage(place: path, body: body, fetchedAt: Timestamp(milliseconds: environment.now().wall))
            switch definition.kind {
            case .http(let source):
                let records = try PageReader(source: source).read(page, contentType: nil)
                var loader = HTTPLoader(name: definition.name, source: source, mode: definition.schemaMode, run: run)
                _ = loader.load(records)
            case .feed(let source): _ = FeedLoader(name: definition.name, source: source, mode: definition.schemaMode, run: run).load(page)
            case .csv: break
            }
        } catch let failure as PageFailure {
            run.report(failure.type, source: definition.name, failure.message)
        } catch let failure as FileError {
            run.report(.data, source: definition.name, failure.description)
        } catch {
            run.report(.data, source: definition.name, "\(path): \(error)")
        }
    }

    private func read(_ path: String) throws -> [UInt8] {
        let file = try environment.fileSystem.open(path, .read)
        let size = try file.status().size
        let limit = definition.upstream?.limits.maximumBytes ?? 0
        guard size <= limit else { throw TooLong(size: size, limit: limit) }
        var bytes = [UInt8](repeating: 0, count: size)
        var filled = 0
        while filled < size {
            let count = try bytes.withUnsafeMutableBytes { try file.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[filled...]), at: filled) }
            if count == 0 { break }
            filled += count
        }
        return Array(bytes.prefix(filled))
    }

    private struct TooLong: Error, CustomStringConvertible {
        var size: Int
        var limit: Int

        var description: String { "the file has \(size) bytes, an answer of this source may have \(limit); raise max_bytes if that is right" }
    }

    private func report(of run: ActiveRun, _ seen: PreviewSink.Seen, file: String?) -> PreviewReport {
        let decisions: [MappingDecision]
        let place: String
        switch definition.kind {
        case .http(let source):
            decisions =
                run.mappingDecisions.isEmpty
                ? [MappingDecision](fields: source.fields, constants: source.format.constants) : run.mappingDecisions
            place = redacted(url: URLTemplate(source.upstream).expand([:]))
        case .feed(let source):
            decisions =
                run.mappingDecisions.isEmpty
                ? [MappingDecision](fields: source.fields, constants: source.format.constants) : run.mappingDecisions
            place = redacted(url: URLTemplate(source.upstream).expand([:]))
        case .csv(let source):
            decisions = run.mappingDecisions
            place = source.inbox + "/" + (source.pattern ?? "*.csv")
        }
        var errors = run.record.errors.map { "\($0.type.rawValue): \($0.message)" }
        if errors.isEmpty, seen.records == 0, definition.upstream == nil { errors = ["data: there is nothing to read in \(file ?? place)"] }
        return PreviewReport(
            source: definition.name,
            kind: definition.kindName,
            place: environment.secrets.redacted(file ?? place),
            decisions: decisions,
            unmapped: run.record.unmappedFields.map(\.field),
            candidates: run.record.quarantinedMappings,
            records: seen.records,
            good: seen.good,
            quarantined: seen.quarantined,
            rows: seen.rows,
            rejections: seen.rejections,
            errors: errors,
            isPartial: run.isCancelled
        )
    }
}
