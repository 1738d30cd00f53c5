import MarketData
import Transfer

/// Asks an `http` source for its pages, one after the other; on a thread of its own.
struct PageFetcher {
    let name: String
    let source: HTTPSource
    let run: ActiveRun
    let client: UpstreamClient
    /// Where an interrupted walk goes on.
    let checkpoint: PageCheckpoint?
    /// The newest timestamp that the store has of the source.
    let newest: @Sendable (String) -> Timestamp?

    /// Walks until the last page, or the first that is none; its last arrival is the end.
    func walk(into queue: PageQueue) {
        queue.push(PageArrival(source: name, content: .end(isWhole: ask(queue))))
    }

    private func ask(_ queue: PageQueue) -> Bool {
        let template = URLTemplate(source.upstream)
        let reader = PageReader(source: source)
        let since = checkpoint?.since ?? (template.uses(.since) ? (newest(name) ?? .earliest).description : "")
        var walk = PageWalk(source, after: checkpoint)
        let firstURL = template.expand(values(of: PageWalk(source).start, since: since))
        var hasRecords = checkpoint != nil
        while !run.mustStop {
            let before = remembered(walk, since: since)
            let url = if case .url(let next) = walk.start { next } else { template.expand(values(of: walk.start, since: since)) }
            guard let response = client.get(url, accept: "application/json") else { return false }
            let answer = HTTPPage(place: redacted(url: url), body: response.body, fetchedAt: Timestamp(milliseconds: run.environment.now().wall))
            let page: RecordPage
            do throws(PageFailure) {
                page = try reader.read(answer, contentType: response.header("content-type"))
            } catch {
                run.report(error.type, source: name, error.message)
                return false
            }
            let facts = PageFacts(
                records: page.records.count,
                pointed: page.pointed,
                links: response.headerValues("link"),
                firstURL: firstURL,
                answeredURL: response.finalURL,
                digest: page.digest
            )
            guard walk.accept(facts) else {
                run.report(.shape, source: name, "\(page.place): the same page came before\(hint); what came is kept")
                return false
            }
            let step = walk.next(after: facts)
            hasRecords = hasRecords || page.records.count > 0
            if page.records.count == 0 {
                // A page may be empty and name the next one, where an API filters behind its pages.
                if case .next = step { continue }
                if step == .end { return judgeEnd(page, hasRecords: hasRecords) }
            }
            let end = if case .next = step { remembered(walk, since: since) } else { PageCheckpoint?.none }
            if page.records.count > 0 {
                guard queue.push(PageArrival(source: name, content: .records(page, start: before, end: end))) else { return false }
            }
            switch step {
            case .next: continue
            case .end: return true
            case .failure(let reason):
                run.report(.shape, source: name, "\(page.place): \(reason)")
                return false
            }
        }
        return false
    }

    /// A walk without any record is a fault, unless the source says that it may be.
    private func judgeEnd(_ page: RecordPage, hasRecords: Bool) -> Bool {
        guard !hasRecords, !source.allowsEmpty else { return true }
        run.report(.shape, source: name, "\(page.place): the first page has no records; set allow_empty on the source if that may be")
        return false
    }

    /// Where the walk stands. A place that holds a secret, because the server sent it back, is not written down: it would begin anew.
    private func remembered(_ walk: PageWalk, since: String) -> PageCheckpoint {
        let isSecret =
            switch walk.start {
            case .cursor(let text), .url(let text): run.environment.secrets.redacted(text) != text
            case .first, .page, .offset: false
            }
        return PageCheckpoint(
            runID: run.runID,
            definition: source.fingerprint,
            time: run.environment.now().wall,
            start: isSecret ? .first : walk.start,
            pagesDone: isSecret ? 0 : walk.pagesDone,
            since: since,
            digest: isSecret ? "" : walk.lastDigest
        )
    }

    private func values(of start: PageStart, since: String) -> [URLTemplate.Placeholder: String] {
        var values: [URLTemplate.Placeholder: String] = [:]
        if !since.isEmpty { values[.since] = since }
        if let limit = source.pageLimit { values[.limit] = String(limit) }
        switch start {
        case .first, .url: break
        case .page(let page): values[.page] = String(page)
        case .offset(let offset): values[.offset] = String(offset)
        case .cursor(let cursor): values[.cursor] = cursor
        }
        return values
    }

    /// What is most often the reason.
    private var hint: String {
        switch source.pagination {
        case .page: ", does the URL use {page}?"
        case .offset: ", does the URL use {offset}?"
        case .cursor: ", does the URL use {cursor}?"
        case .none, .linkHeader, .nextURL: ""
        }
    }
}
