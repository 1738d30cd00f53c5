import HTTPTypes
import Hummingbird
import NIOCore
import TickerStore

/// `GET /stream`: rows as they are committed, as Server-Sent Events.
struct StreamRoute: Sendable {
    let context: APIContext

    var endpoint: Endpoint {
        Endpoint(
            .get,
            "/stream",
            parameters: StreamRequest.parameters,
            summary: "rows as they are committed, as Server-Sent Events; ?symbol=BTC",
            isPatient: true,
            handle: stream
        )
    }

    private func stream(_ request: APIRequest) async throws -> Response {
        let wanted = try StreamRequest(request.query, header: request.request.headers[HTTPField.Name("Last-Event-ID")!])
        let headers: HTTPFields = [
            .contentType: "text/event-stream",
            .cacheControl: "no-store",
            // Proxies of this kind would keep events back until there are many.
            HTTPField.Name("X-Accel-Buffering")!: "no",
        ]
        if request.request.method == .head { return Response(status: .ok, headers: headers, body: .unwritten) }
        if context.draining.isRaised {
            throw Problem.unavailable("draining", "The server is shutting down. Connect again when it is back.")
        }
        guard let reader = context.feed.makeReader() else {
            throw Problem(
                .serviceUnavailable,
                code: "too_many_streams",
                detail: "\(context.feed.mostReaders) streams are open already. Try again later, or ask `/data` for what is newer than your last row.",
                headers: [.retryAfter: "30"]
            )
        }
        let channel = request.context.channel
        let progress = ClientProgress(channel, patience: context.clientPatience)
        let writer = StreamWriter(feed: context.feed, reader: reader, request: wanted, progress: progress, heartbeat: context.heartbeat)
        let body = ResponseBody { output in
            let leaving = ClientLeaving { reader.finish() }
            if let channel { try await channel.pipeline.addHandler(leaving, position: .first).get() }
            async let _ = progress.watch()
            async let _ = writer.wakeForHeartbeats()
            try await writer.run(&output)
            if !leaving.hasLeft { try await output.finish(nil) }
            if let channel { try? await channel.pipeline.removeHandler(leaving).get() }
        }
        return Response(status: .ok, headers: headers, body: body)
    }
}

/// Writes the events of one reader, from its place in the feed on.
struct StreamWriter: Sendable {
    let feed: CommitFeed
    let reader: CommitReader
    let request: StreamRequest
    let progress: ClientProgress
    /// How long the stream may say nothing.
    let heartbeat: Duration

    /// Returns when the client is gone, the server stops, or the client was overtaken.
    func run(_ output: inout any ResponseBodyWriter) async throws {
        let history = feed.history
        var position = try await open(&output)
        var spoke = ContinuousClock.now
        // The first look needs no signal: what the client missed may be there already.
        reader.wake()
        for await _ in reader.signals {
            reading: while true {
                switch feed.next(behind: position) {
                case .rows(let commit):
                    let passed = position.sequence == commit.sequence ? position.rows ?? 0 : 0
                    let (event, next) = StreamEvents.rows(commit, wanted: request.wanted(commit.series), from: passed, history: history)
                    position = next
                    guard let event else { continue }
                    try await progress.write(event, to: &output)
                    spoke = .now
                case .nothing(let sequence):
                    // Commits before it had nothing for this reader.
                    if position.rows == nil { position = place(sequence) }
                    break reading
                case .lost:
                    return try await progress.write(StreamEvents.lagged(), to: &output)
                case .ended:
                    return try await progress.write(StreamEvents.shutdown(at: position), to: &output)
                }
            }
            if ContinuousClock.now - spoke >= heartbeat {
                try await progress.write(StreamEvents.heartbeat(at: position), to: &output)
                spoke = .now
            }
        }
    }

    private func place(_ sequence: UInt64) -> StreamPosition { StreamPosition(sequence: sequence, history: feed.history) }

    /// Writes what the stream begins with, and gives the place where it begins.
    private func open(_ output: inout any ResponseBodyWriter) async throws -> StreamPosition {
        let head = place(feed.head)
        guard let id = request.lastEventID else {
            try await progress.write(StreamEvents.opening(at: head), to: &output)
            return head
        }
        // A number of another history means another commit here, or none.
        if let position = StreamPosition(id), position.history == feed.history {
            switch feed.next(behind: position) {
            case .lost(let sequence):
                let newest = place(sequence)
                try await progress.write(StreamEvents.opening(at: newest), to: &output)
                try await progress.write(StreamEvents.reset(at: newest), to: &output)
                return newest
            case .rows, .nothing, .ended:
                try await progress.write(StreamEvents.opening(at: position), to: &output)
                return position
            }
        }
        try await progress.write(StreamEvents.opening(at: head), to: &output)
        try await progress.write(StreamEvents.reset(at: head), to: &output)
        return head
    }

    /// Has the reader look now and then, until the task is cancelled.
    func wakeForHeartbeats() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: heartbeat)
            reader.wake()
        }
    }
}
