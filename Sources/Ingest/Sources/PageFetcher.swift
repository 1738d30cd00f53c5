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
    /// What is known of its pages from earlier runs.
    let pages: SourcePages
    /// The newest timestamp that the store has of the source.
    let newest: @Sendable (String) -> Timestamp?

    /// An answer that is a page.
    private struct Answer {
        enum Content {
            case new(ParsedPage, PageMemo)
            case unchanged(RememberedPage)
        }

        /// The URL, secrets masked.
        var place: String
        var content: Content
        var facts: PageFacts
    }

    /// Walks until the last page, or the first that is none; its last arrival is the end.
    func walk(into queue: PageQueue) {
        queue.push(PageArrival(source: name, content: .end(isWhole: ask(queue))))
    }

    private func ask(_ queue: PageQueue) -> Bool {
        let template = URLTemplate(source.upstream)
        let since = checkpoint?.since ?? (template.uses(.since) ? (newest(name) ?? .earliest).description : "")
        var walk = PageWalk(source, after: checkpoint)
        let firstURL = template.expand(values(of: PageWalk(source).start, since: since))
        var hasRecords = checkpoint != nil
        while !run.mustStop {
            let before = remembered(walk, since: since)
            let url = if case .url(let next) = walk.start { next } else { template.expand(values(of: walk.start, since: since)) }
            guard let answer = answer(to: url, number: walk.pagesDone, firstURL: firstURL) else { return false }
            let facts = answer.facts
            guard walk.accept(facts) else {
                run.report(.shape, source: name, "\(answer.place): the same page came before\(hint); what came is kept")
                return false
            }
            let step = walk.next(after: facts)
            hasRecords = hasRecords || facts.records > 0
            if facts.records == 0 {
                // A page may be empty and name the next one, where an API filters behind its pages.
                if case .next = step { continue }
                if step == .end { return judgeEnd(answer.place, hasRecords: hasRecords) }
            }
            let end = if case .next = step { remembered(walk, since: since) } else { PageCheckpoint?.none }
            if facts.records > 0 {
                guard queue.push(PageArrival(source: name, content: content(of: answer, step, from: before, to: end))) else { return false }
            }
            switch step {
            case .next: continue
            case .end: return true
            case .failure(let reason):
                run.report(.shape, source: name, "\(answer.place): \(reason)")
                return false
            }
        }
        return false
    }

    /// Asks for a page; nil when none came, which has been reported.
    private func answer(to url: String, number: Int, firstURL: String) -> Answer? {
        let known = pages.known(number, url: url)
        guard let response = client.get(url, accept: "application/json", validators: known?.validators ?? []) else { return nil }
        let page = HTTPPage(place: redacted(url: url), body: response.body, fetchedAt: Timestamp(milliseconds: run.environment.now().wall))
        let links = response.headerValues("link")
        if let known, known.isAnswered(by: response, digest: page.digest) {
            let facts = known.facts(source.pagination, links: links, firstURL: firstURL, answeredURL: response.finalURL)
            return Answer(place: page.place, content: .unchanged(known), facts: facts)
        }
        do throws(PageFailure) {
            let records = try PageReader(source: source).read(page, contentType: response.header("content-type"))
            let facts = PageFacts(
                records: records.records.count,
                pointed: records.pointed,
                links: links,
                firstURL: firstURL,
                answeredURL: response.finalURL,
                digest: records.digest
            )
            var memo = RememberedPage(number: number, url: url, digest: records.digest)
            memo.takeValidators(of: response, run.environment.secrets)
            return Answer(place: page.place, content: .new(records, PageMemo(pages: pages, page: memo)), facts: facts)
        } catch {
            run.report(error.type, source: name, error.message)
            return nil
        }
    }

    /// A page for the run's thread. One after which the walk fails is read again next time, so that it fails again.
    private func content(of answer: Answer, _ step: PageWalk.Step, from start: PageCheckpoint, to end: PageCheckpoint?) -> PageArrival.Content {
        switch answer.content {
        case .unchanged(let page): return .unchanged(page, place: answer.place)
        case .new(let records, let memo):
            return .records(records, start: start, end: end, memo: memo.naming(step, run.environment.secrets))
        }
    }

    /// A walk without any record is a fault, unless the source says that it may be.
    private func judgeEnd(_ place: String, hasRecords: Bool) -> Bool {
        guard !hasRecords, !source.allowsEmpty else { return true }
        run.report(.shape, source: name, "\(place): the first page has no records; set allow_empty on the source if that may be")
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
