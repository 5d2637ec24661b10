"""The words by which a drafted summary tells a problem, a promise and an ending from small talk. English.

In other languages nothing here matches: then the weight of the words alone decides, and the ending is quoted.
"""

from __future__ import annotations

import re

_STOP = """
    a about after again all also am an and any anyway are aren't as at be because been before being but by can can't
    cannot could couldn't did didn't do does doesn't doing don't done down dont each even every few for from get gets
    getting go going gonna got had has hasn't have haven't having he her here hers him his how however i i'd i'll i'm
    i've id if im in into is isn't it it's its itself ive just know let let's like ll lot make many may maybe me might
    more most much must my myself no nor not now of off ok okay on once one only or other our out over own perhaps
    please put quite rather re really right s said same say see she should since so some something sorry still such
    sure t take tell than thank thanks that that's thats the their them then there there's these they they're thing
    things think this those though through thx to too try u under until up us very was wasn't way we we're well went
    were what what's when where which while who why will with won't wont would wouldn't yeah yep yes yet you you're
    your yours hi hey hello bye good great nice fine hmm oh ah alright awesome perfect morning afternoon evening day
    night today welcome cheers ta btw
"""
STOP = frozenset(_STOP.split())
"""Words that say nothing of what a conversation is about."""


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


NEED = _any(
    r"\bi(?:'m| am|m)? (?:\w+ )?(?:need|want|wanted|wish|try|tried|trying|looking|hoping|unable|wondering|received|got|"
    r"have been)\b",
    r"\bi(?:'d|d| would) like to\b",
    r"\b(?:can|could|would)(?:n'?t| not| ?you)\b",
    r"\b(?:won'?t|isn'?t|doesn'?t|didn'?t|haven'?t|hasn'?t|wasn'?t|never|stopped|not) \w",
    r"\b(?:problem|issue|error|wrong|broken|missing|lost|late|cold|gone|fail(?:s|ed)?|refund|return|cancel|charged?|"
    r"damaged|stain(?:ed)?|stuck|blinking|offline|why|how (?:do|can|long|much)|where(?:'s| is))\b",
)
"""A customer says what is the matter or what they want."""

POLITE = _any(
    r"\b(?:thank|thanks|thx|appreciate)\b",
    r"\b(?:help me|a question|some help|question (?:about|for)|can you help|talk to|speak (?:to|with)|real person|"
    r"a person|human)\b",
    r"\b(?:sorry (?:for|to|about)|grumpy)\b",
)
"""A customer is polite, or asks for somebody, and does not yet say what for."""

IDLE = _any(
    r"^(?:hi|hello|hey|good (?:morning|afternoon|evening)|how are you|are you (?:there|a (?:bot|person|human)))\b"
    r"[^.?!]{0,25}[.?!]*$",
    r"^(?:my )?(?:full |user ?|e-?mail|account|order|zip|phone|membership|name|customer)[\w -]{0,20}(?: is|:| -)",
    r"^(?:yes|no|ok|okay|sure|yep|nope|correct|right)\b[^.?!]{0,12}[.?!]*$",
    r"\b(?:that(?:'s| is|s) (?:all|it)|have a (?:good|great|nice|wonderful)|take care|you too|hang on|hold on)\b",
    r"\b(?:one moment|one sec|typing|bye|good ?bye)\b",
    r"^\S+@\S+$",
    r"^\W*\d[\d\s()+-]*$",
)
"""A greeting, a bare answer, a goodbye."""

DONE = _any(
    r"\b(?:i|we)(?:'ve|’ve| have|ve)(?: \w+)? (?:\w+ed|sent|put|set|made|done|gone|let|got|given|found|written|told)\b",
    r"\b(?:i|we)(?: just| also)? (?:sent|opened|ordered|refunded|cancelled|canceled|issued|changed|updated|added|"
    r"removed|reset|submitted|escalated|notified|extended|applied|credited|scheduled|replaced|started|entered)\b",
    r"\b(?:i|we)(?:'ll|’ll| will| am going to|'m going to| are going to)\b",
    r"\b(?:has|have) (?:now )?been (?!pulled|verified|found|a |an |very)\w+",
    r"\b(?:is|are) (?:now )?(?:on (?:its|their|the) way|active|refunded|cancelled|canceled|reset|extended|in place)\b",
    r"\b(?:you(?:'ll|’ll| will| should) (?:\w+ )?(?:get|receive|see|have|be|hear))\b",
    r"\b(?:they|he|she|(?:a|the|my|our) \w+) will (?:\w+ )?"
    r"(?:call|contact|write|reach|email|e-mail|ship|arrive|be|get back)\b",
    r"\b(?:unfortunately|we (?:cannot|can't|are unable))\b",
)
"""An agent says what they did, what will happen, or what cannot be."""

HELD = _any(
    r"\b(?:happy|glad|pleased|love) to\b",
    r"\b(?:i|we)(?:'ll|’ll| will| am going to|'m going to)(?: just| first| need to| have to| be able to)* "
    r"(?:check|look|see|need|ask|try|do (?:that|my)|pull|help|assist|have a look|be (?:right|happy|glad|with)|"
    r"take a look|get that|just|wait|verify|go ahead|answer)\b",
    r"\b(?:pulled up|pull up|verif\w*|one moment|bear with|hold on|any other questions|anything else|in progress)\b",
    r"\b(?:please|if so|account has been|details of|i have (?:a|your|some) )\b",
    r"\b(?:have been|been) (?:a customer|with us|loyal|searching)\b",
)
"""… but here they only say that they are about to look, or are polite."""

CONFIRMED = _any(
    r"\b(?:that|it|this|everything|all|which)(?:'s|’s| is| has| does| just| now| finally| really)* "
    r"(?:work(?:s|ed|ing)|fixed|solved|sorted|did (?:it|the trick)|helped|helps|connected|paired|back)\b"
    r"(?! (?:not|on it))",
    r"\b(?:works|working|fixed|solved|sorted|resolved|warm) (?:now|again|fine|perfectly)\b",
    r"\b(?:problem|issue) (?:is )?(?:solved|fixed|gone|resolved)\b",
    r"^(?:yes[,! ]*)?(?:perfect|excellent|brilliant|fantastic|awesome|great|wonderful|lovely|all (?:good|set|sorted))\b"
    r"(?![^.!?]*\b(?:but|thank|thanks|thx|day|night|evening|one)\b)",
    r"\b(?:you(?:'ve| have)? (?:fixed|solved|sorted)|i(?:'m| am) all set|got it (?:working|to work)|did the trick)\b",
)
"""A customer says that it is solved."""

THANKED = _any(
    r"\b(?:thank|thanks|thx|appreciate|cheers)\b",
    r"\b(?:that(?:'s|’s|s| is| was| will be) (?:all|it)(?!['’])|sounds good|good ?bye)\b",
)
"""A customer says thank you, or that it was all."""

STILL = _any(
    r"\bstill (?:not|no|nothing|won'?t|doesn'?t|does not|isn'?t|is not|can'?t|cannot|haven'?t|broken|the same|cold|"
    r"off|blink)",
    r"\b(?:does|did|is|has)(?:n['’]?t| not) (?:\w+ )?(?:work|help|pair|connect|start|go|fit|come|change|solve|fix)",
    r"\b(?:not working|no (?:luck|change|difference)|same (?:problem|error|thing)|keeps? (?:failing|doing|blinking))\b",
    r"\b(?:not|un)(?: very| at all| really)? ?(?:happy|satisfied|good enough|acceptable|helpful)\b",
)
"""A customer says that it is not solved."""

CLOSING = _any(
    r"\b(?:you(?:'re|’re| are) (?:very |most )?welcome|welcome|my pleasure|no problem|anytime|have a|take care|bye)\b",
    r"\b(?:good ?bye|glad|thank(?:s| you)|happy to help|anything else|great day|stay warm)\b",
)
"""An agent says goodbye: that wants no answer."""
