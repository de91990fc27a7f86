from twisted.application.service import ServiceMaker

mailroom = ServiceMaker("mailroom", "mailroom.tap", "An email screener for JMAP accounts.", "mailroom")
