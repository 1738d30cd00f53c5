extension CSVRecords {
    /// Makes the physical line at the start of the current record, or behind it, the current record.
    mutating func skipToNextLine() throws -> Bool {
        try prepare()
        leaveRecord()
        var searched = 0
        var dropped = 0
        while true {
            if let lineEnd = input.lineEnd(from: searched) {
                takeLine(lineEnd, dropped: dropped)
                return true
            }
            searched = input.available
            if input.isAtEnd {
                takeLine((content: searched, next: searched), dropped: dropped)
                return searched > 0
            }
            // A CR whose LF may still come stays where it is.
            if input.endsWithCarriageReturn { searched -= 1 }
            if searched > limit {
                dropped += input.remove(limit..<searched)
                searched = limit
            }
            try input.refill()
        }
    }

    private mutating func takeLine(_ lineEnd: (content: Int, next: Int), dropped: Int) {
        contentLength = min(lineEnd.content, limit)
        consumed = lineEnd.next
        end = start + consumed + dropped
        terminated = lineEnd.next > lineEnd.content
        lineEnds = terminated ? 1 : 0
        malformed = true
    }
}
