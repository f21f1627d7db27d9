import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  ApiProblems,
  ApiRedirect,
  ApiRequestId,
  ApiTimeout,
  apiRequest,
  jsonAnswer,
  jsonSchema,
  requestIdHeader,
  sendAnswer,
} from '../http/index.js';
import { ClusterService } from './cluster.service.js';
import { clusterSchema, statusSchema } from './dto/cluster.dto.js';
import { joinedSchema, joinSchema } from './dto/join.dto.js';

const noParameters: readonly string[] = [];
const joinParameters = ['timeout', 'redirect'];

/** The cluster and its nodes over HTTP. */
@ApiTags('cluster')
@ApiRequestId()
@Controller()
export class ClusterController {
  constructor(private readonly cluster: ClusterService) {}

  @ApiOperation({
    summary: 'Show the cluster',
    description:
      'As this node sees it; what only the leader knows is asked of the leader, and null where it cannot be asked. Works without a leader.',
  })
  @ApiResponse({ status: 200, description: 'The cluster.', headers: requestIdHeader, standardSchema: clusterSchema })
  @ApiProblems([])
  @Get('cluster')
  async showCluster(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    apiRequest(request, noParameters);
    sendAnswer(reply, jsonAnswer(await this.cluster.cluster()));
  }

  @ApiOperation({
    summary: 'Let a node join',
    description:
      'The request that a joining node sends. A new member comes in as a learner and becomes a voter when it has caught up. The same id and instance again updates the addresses. Another instance under the id is refused unless `replace` is true.',
  })
  @ApiBody({ required: true, schema: jsonSchema(joinSchema, 'input') })
  @ApiTimeout()
  @ApiRedirect()
  @ApiResponse({
    status: 200,
    description: 'A member; the list is in force.',
    headers: requestIdHeader,
    standardSchema: joinedSchema,
  })
  @ApiProblems([
    'INVALID_JSON',
    'BODY_TOO_LARGE',
    'UNSUPPORTED_MEDIA_TYPE',
    'REQUEST_TIMEOUT',
    'CROSS_SITE',
    'CONFLICT',
    'CHANGE_IN_PROGRESS',
    'NOT_WANTED',
    'STARTING',
    'NO_LEADER',
    'NO_MEMBER',
    'SHUTTING_DOWN',
    'OVERLOADED',
    'OUTCOME_UNKNOWN',
  ])
  @Post('join')
  async join(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendAnswer(reply, await this.cluster.join(apiRequest(request, joinParameters)));
  }

  @ApiOperation({ summary: 'Show this node', description: 'For people; works without a leader.' })
  @ApiResponse({ status: 200, description: 'The node.', headers: requestIdHeader, standardSchema: statusSchema })
  @ApiProblems([])
  @Get('status')
  async showStatus(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    apiRequest(request, noParameters);
    sendAnswer(reply, jsonAnswer(await this.cluster.status()));
  }
}
